package org.handoff.worker.protocol;

/** The layout of the scoreboard's file: docs/worker-protocol.md, "The scoreboard". */
final class ScoreboardLayout {

    static final int MAGIC = 0x48534231;
    static final int MAGIC_AT = 0;
    static final int VERSION_AT = 4;
    static final int SLOTS_AT = 8;
    static final int REQUESTS_AT = 16;
    static final int CONNECTION_AT = 24;
    static final int SINCE_AT = 32;

    /** The size of each slot's record, and of the numbers above before the first record. */
    static final int RECORD = 32 * 1024;

    static final long BYTES = (long) RECORD * (Scoreboard.SLOTS + 1);

    // Within a record:
    static final int STATE = 0;
    static final int FIRST = 8;
    static final int REQUEST = 16;
    static final int NEXT = 24;
    static final int BEGINS = 32;
    static final int ENDS = 40;
    static final int ANSWER = 48;
    static final int NUMBERS = 56;
    static final int JOURNAL = 64;
    static final int ANSWER_BYTES = 16 * 1024;

    private ScoreboardLayout() {}

    static int record(int slot) {
        return RECORD * (slot + 1);
    }
}
