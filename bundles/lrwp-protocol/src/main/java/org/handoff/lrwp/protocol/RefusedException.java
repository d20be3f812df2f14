package org.handoff.lrwp.protocol;

/** The refusal of a peer. Without a stack trace, because any client can cause it. */
public final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    /** @param refusal sent to the peer */
    public RefusedException(Refusal refusal) {
        this(refusal, "");
    }

    /** @param refusal sent to the peer @param detail the fault, for the log only; empty if the refusal names it */
    public RefusedException(Refusal refusal, String detail) {
        super(detail.isEmpty() ? refusal.text() : refusal.text() + ": " + detail, null, false, false);
        this.refusal = refusal;
    }

    /** The refusal sent to the peer. */
    public Refusal refusal() {
        return refusal;
    }
}
