package org.handoff.lrwp.protocol;

/** A peer that is not let in. Without a stack trace, because anybody who may connect can cause it. */
public final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    /** @param refusal what the peer is told */
    public RefusedException(Refusal refusal) {
        super(refusal.text(), null, false, false);
        this.refusal = refusal;
    }

    /** What the peer is told. */
    public Refusal refusal() {
        return refusal;
    }
}
