package org.handoff.lrwp.protocol;

/** A peer that is not let in. Without a stack trace, because anybody who may connect can cause it. */
public final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    /** @param refusal what the peer is told */
    public RefusedException(Refusal refusal) {
        this(refusal, "");
    }

    /**
     * @param refusal what the peer is told
     * @param detail what is wrong, for the log only; empty where the refusal says it all
     */
    public RefusedException(Refusal refusal, String detail) {
        super(detail.isEmpty() ? refusal.text() : refusal.text() + ": " + detail, null, false, false);
        this.refusal = refusal;
    }

    /** What the peer is told. */
    public Refusal refusal() {
        return refusal;
    }
}
