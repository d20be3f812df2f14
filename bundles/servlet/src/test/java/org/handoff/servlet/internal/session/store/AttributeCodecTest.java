package org.handoff.servlet.internal.session.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.io.ObjectStreamConstants;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.handoff.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttributeCodecTest {

    private static final String OWNER = "org.example.shop";
    private static final String CART = """
            public class Cart implements java.io.Serializable {
                private static final long serialVersionUID = %d;
                public int items = 7;
                %s
                @Override public String toString() { return items + %s; }
            }
            """;

    private final CompiledClasses classes = new CompiledClasses();
    private final AttributeCodec codec = new AttributeCodec(classes);

    enum Size {
        SMALL,
        LARGE {
            @Override
            public String toString() {
                return "large";
            }
        }
    }

    static Stream<Object> attributes() {
        return Stream.of(
                "text",
                1,
                2L,
                true,
                Size.LARGE,
                List.of(1, "two", List.of()),
                new ArrayList<>(IntStream.range(0, 10_000).boxed().toList()),
                new TreeMap<>(java.util.Map.of("a", Size.SMALL)),
                new HashMap<>(java.util.Map.of("a", "b")));
    }

    @ParameterizedTest
    @MethodSource("attributes")
    void readsWhatItWrites(Object attribute) throws Exception {
        assertEquals(attribute, codec.read(codec.write(attribute)));
    }

    @Test
    void readsArraysAndClasses() throws Exception {
        assertArrayEquals(new int[][] {{1}, {2, 3}}, (int[][]) codec.read(codec.write(new int[][] {{1}, {2, 3}})));
        assertArrayEquals(new Size[] {Size.LARGE}, (Size[]) codec.read(codec.write(new Size[] {Size.LARGE})));
        for (Class<?> type : List.of(int.class, String.class, long[].class, Size[][].class)) {
            assertEquals(type, codec.read(codec.write(type)));
        }
    }

    @Test
    void readsProxies() throws Exception {
        Object proxy = Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Comparable.class, Serializable.class}, new Answer());
        Object read = codec.read(codec.write(proxy));
        assertNotSame(proxy, read);
        assertEquals(42, ((Comparable<?>) read).compareTo(null));
    }

    private static final class Answer implements java.lang.reflect.InvocationHandler, Serializable {

        private static final long serialVersionUID = 1;

        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] arguments) {
            return 42;
        }
    }

    @Test
    void newVersionOfABundleReadsTheAttributesOfTheFormerOne(@TempDir Path folder) throws Exception {
        classes.with(OWNER, folder.resolve("1"), "Cart", CART.formatted(1, "", "\" items\""));
        byte[] former = codec.write(classes.make(OWNER, "Cart"));
        CompiledClasses next = new CompiledClasses()
                .with(
                        OWNER,
                        folder.resolve("2"),
                        "Cart",
                        CART.formatted(1, "public String coupon = \"x\";", "\" items, coupon \" + coupon"));
        assertEquals(
                "7 items, coupon null", new AttributeCodec(next).read(former).toString());
        byte[] later = new AttributeCodec(next).write(next.make(OWNER, "Cart"));
        assertEquals("7 items", codec.read(later).toString());
        next.close();
        classes.close();
    }

    @Test
    void refusesAttributesOfIncompatibleAndOfMissingClasses(@TempDir Path folder) throws Exception {
        classes.with(OWNER, folder.resolve("1"), "Cart", CART.formatted(1, "", "\"\""));
        byte[] former = codec.write(classes.make(OWNER, "Cart"));
        CompiledClasses next =
                new CompiledClasses().with(OWNER, folder.resolve("2"), "Cart", CART.formatted(2, "", "\"\""));
        assertThrows(InvalidClassException.class, () -> new AttributeCodec(next).read(former));
        CompiledClasses none = new CompiledClasses();
        assertThrows(ClassNotFoundException.class, () -> new AttributeCodec(none).read(former));
        next.close();
        classes.close();
    }

    @Test
    void sameNameInTwoBundlesAreTwoClasses(@TempDir Path folder) throws Exception {
        classes.with(OWNER, folder.resolve("1"), "Cart", CART.formatted(1, "", "\" of one\""))
                .with("another", folder.resolve("2"), "Cart", CART.formatted(1, "", "\" of another\""));
        List<?> both = (List<?>) codec.read(
                codec.write(new ArrayList<>(List.of(classes.make(OWNER, "Cart"), classes.make("another", "Cart")))));
        assertEquals("[7 of one, 7 of another]", both.toString());
        classes.close();
    }

    @Test
    void namesWhatIsNotSerializable() {
        NotSerializableException thrown =
                assertThrows(NotSerializableException.class, () -> codec.write(new ArrayList<>(List.of(new Object()))));
        assertEquals("java.lang.Object", thrown.getMessage());
    }

    /** An array that a few bytes announce would fill the heap. */
    @Test
    void refusesArraysThatAreMuchLongerThanTheirBytes() throws Exception {
        byte[] bytes = codec.write(new byte[1000]);
        // The length stands in front of the elements.
        int at = bytes.length - 1000 - Integer.BYTES;
        assertEquals(1000, ByteBuffer.wrap(bytes).getInt(at));
        ByteBuffer.wrap(bytes).putInt(at, 100_000_000);
        assertThrows(InvalidClassException.class, () -> codec.read(bytes));
    }

    @Test
    void refusesNestedArraysThatAreTogetherMuchLongerThanTheirBytes() throws Exception {
        Object[] nested = {};
        for (int i = 0; i < 100; i++) {
            nested = new Object[] {nested};
        }
        byte[] bytes = codec.write(nested);
        ByteBuffer content = ByteBuffer.wrap(bytes);
        int patched = 0;
        for (int i = 0; i < bytes.length - 2 * Integer.BYTES; i++) {
            // An array's class is named once, and referred to from then on.
            if (content.getInt(i) == ObjectStreamConstants.baseWireHandle && content.getInt(i + Integer.BYTES) == 1) {
                content.putInt(i + Integer.BYTES, bytes.length);
                patched++;
            }
        }
        assertEquals(99, patched);
        assertThrows(InvalidClassException.class, () -> codec.read(bytes));
    }

    /** With a stack that is large enough, whatever the JVM has compiled: the bound is asked for, not the stack's end. */
    @Test
    void refusesWhatIsNestedTooDeep() throws Exception {
        FutureTask<Void> reading = new FutureTask<>(() -> {
            assertEquals(1, ((List<?>) codec.read(codec.write(nested(300)))).size());
            byte[] bytes = codec.write(nested(600));
            assertThrows(InvalidClassException.class, () -> codec.read(bytes));
            return null;
        });
        new Thread(null, reading, "nested", 16 << 20).start();
        reading.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    private static List<Object> nested(int depth) {
        List<Object> nested = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            nested = new ArrayList<>(List.of(nested));
        }
        return nested;
    }

    /** Whatever the bytes are, reading ends with an object or with an exception of those that the caller expects. */
    @Test
    void garbageIsRefusedOrRead() throws Exception {
        Random random = new Random(1);
        List<byte[]> valid = new ArrayList<>();
        for (Object attribute : attributes().toList()) {
            valid.add(codec.write(attribute));
        }
        int refused = 0;
        for (int i = 0; i < 5000; i++) {
            byte[] bytes = valid.get(i % valid.size()).clone();
            for (int j = 0; j < 1 + random.nextInt(4); j++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                codec.read(bytes);
            } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError e) {
                refused++;
            }
        }
        assertTrue(refused > 300, refused + " refused");
        assertThrows(IOException.class, () -> codec.read(new byte[0]));
    }
}
