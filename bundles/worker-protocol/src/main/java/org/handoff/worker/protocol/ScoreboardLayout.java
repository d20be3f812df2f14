package org.handoff.worker.protocol;

/** Where things stand in the scoreboard's file: docs/worker-protocol.md, "The scoreboard". */
final class ScoreboardLayout {

    static final int MAGIC = 0x48534231;
    static final int MAGIC_AT = 0;
    static final int VERSION_AT = 4;
    static final int SLOTS_AT = 8;
    static final int REQUESTS_AT = 16;
    static final int CONNECTION_AT = 24;
    static final int SINCE_AT = 32;
    static final int STATES_AT = 64;
    static final int BYTES = STATES_AT + Scoreboard.SLOTS;

    private ScoreboardLayout() {
    }
}
