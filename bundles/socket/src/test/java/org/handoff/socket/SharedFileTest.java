package org.handoff.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedFileTest {

    @TempDir
    Path folder;

    @Test
    void whatOneWritesAnotherReadsByADescriptorOfItsOwn() throws Exception {
        SharedFile ours = SharedFile.create(folder);
        try (Stream<Path> names = Files.list(folder)) {
            assertEquals(List.of(), names.toList(), "it has no name");
        }
        ours.write(bytes("hello"), 0);
        SharedFile theirs = SharedFile.of(Descriptors.duplicate(ours.descriptor()));
        theirs.write(bytes("p me"), 3);
        ours.close();
        assertEquals(7, theirs.size());
        assertEquals("elp me", read(theirs, 1, 6));
        assertThrows(IOException.class, () -> read(theirs, 1, 7), "more than there is");
        theirs.clear();
        assertEquals(0, theirs.size());
        theirs.close();
        assertThrows(IOException.class, theirs::size);
    }

    @Test
    void leavesNoDescriptor() throws Exception {
        for (int i = 0; i < 10; i++) {
            SharedFile file = SharedFile.create(folder);
            SharedFile.of(Descriptors.duplicate(file.descriptor())).close();
            assertEquals(1, OpenDescriptors.below(folder).size());
            file.close();
            file.close();
        }
        assertEquals(List.of(), OpenDescriptors.below(folder));
    }

    @Test
    void whatIsNoFileHasNoBytes() throws Exception {
        ControlSocket.Pair pair = ControlSocket.pair();
        try (ControlSocket ours = pair.ours();
                ControlSocket.ChildEnd childs = pair.childs();
                SharedFile none = SharedFile.of(Descriptors.duplicate(ours.descriptor()))) {
            assertEquals(0, none.size());
            assertThrows(IOException.class, () -> read(none, 0, 1));
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private static String read(SharedFile file, long offset, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        file.read(bytes, offset);
        return US_ASCII.decode(bytes.flip()).toString();
    }
}
