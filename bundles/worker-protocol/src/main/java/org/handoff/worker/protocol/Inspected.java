package org.handoff.worker.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Frames {@link FrameType#INSPECTED}: a table of a framework's contents, a line for each row, with a tab between cells.
 */
public final class Inspected {

    /** The largest number of bytes of a table, in all its frames together. */
    public static final int MAX_BYTES = 1024 * 1024;

    private static final int MORE = 1;
    /** The room for the row that counts the missing ones. */
    private static final int REST = 64;

    private static final int MAX_ROWS = 20_000;
    private static final int MAX_CELLS = 8;

    private final ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);

    /**
     * The frames of a table. Rows beyond {@link #MAX_BYTES} are left out, and a last row counts them.
     *
     * @param rows their cells; a tab or the end of a line in one becomes a space
     */
    public static List<Frame> frames(List<List<String>> rows) {
        ByteBuffer table = ByteBuffer.allocate(MAX_BYTES);
        for (int i = 0; i < rows.size(); i++) {
            ByteBuffer row = StandardCharsets.UTF_8.encode(rows.get(i).stream()
                            .map(cell -> cell.replaceAll("\\s+", " "))
                            .collect(Collectors.joining("\t"))
                    + '\n');
            if (row.remaining() > table.remaining() - REST) {
                table.put(StandardCharsets.UTF_8.encode("… and " + (rows.size() - i) + " more\n"));
                break;
            }
            table.put(row);
        }
        table.flip();
        List<Frame> frames = new ArrayList<>();
        do {
            int length = Math.min(table.remaining(), Frame.MAX_PAYLOAD);
            ByteBuffer part = table.slice(table.position(), length);
            table.position(table.position() + length);
            frames.add(new Frame(FrameType.INSPECTED, table.hasRemaining() ? MORE : 0, 0, 0, 0, part));
        } while (table.hasRemaining());
        return frames;
    }

    /**
     * Takes the next frame of a table.
     *
     * @return whether it was the last
     * @throws ProtocolException if the table becomes too large
     */
    public boolean add(Frame frame) throws ProtocolException {
        if (frame.payload().remaining() > bytes.remaining()) {
            throw new ProtocolException(frame + " makes a table of more than " + MAX_BYTES + " bytes");
        }
        bytes.put(frame.payload().duplicate());
        return frame.flags() != MORE;
    }

    /** The rows of a table whose last frame was added, each with its cells; takes time, as there may be many. */
    public List<List<String>> rows() {
        return StandardCharsets.UTF_8
                .decode(bytes.duplicate().flip())
                .toString()
                .lines()
                .limit(MAX_ROWS)
                .map(line -> List.of(line.split("\t", MAX_CELLS)))
                .toList();
    }
}
