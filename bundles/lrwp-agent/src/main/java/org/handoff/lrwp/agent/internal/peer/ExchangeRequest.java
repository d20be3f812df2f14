package org.handoff.lrwp.agent.internal.peer;

import io.netty.buffer.ByteBuf;
import org.handoff.http.StreamedRequest;
import org.handoff.lrwp.protocol.CgiHead;
import org.handoff.lrwp.protocol.MalformedHeadException;
import org.handoff.lrwp.protocol.ResponseDecoder;

/** A request as an exchange asks it, and hears what becomes of it. On the agent's loop. */
public interface ExchangeRequest {

    /** What the client asks. */
    StreamedRequest request();

    /** The CGI environment of the request, as it is sent. */
    byte[] environment();

    /** It is asked now. */
    void takenBy(PeerExchange exchange);

    /** Whether the client has closed its end so long ago that it has rather left than waits for the answer. */
    boolean isLeft(long now);

    /** The peer is not going to answer in time. */
    void timedOut();

    /** What the peer says cannot be used, or has no room; its connection ends. */
    void peerFailed(int status);

    /**
     * The peer's connection has ended.
     *
     * @param unread whether the peer had not read its whole request, as far as one can know that of another machine
     */
    void peerLost(boolean unread);

    /** The peer has the whole request, and its response was received completely. */
    void done();

    // ---- the response, as ResponseDecoder.Receiver has it

    /** See {@link ResponseDecoder.Receiver#head}. */
    void head(CgiHead head, long length);

    /** See {@link ResponseDecoder.Receiver#unusable}. */
    void unusable(MalformedHeadException reason);

    /** A part of the document; the request releases it. */
    void document(ByteBuf part);

    /** See {@link ResponseDecoder.Receiver#end}. */
    void end();

    /** See {@link ResponseDecoder.Receiver#brokenOff}. */
    void brokenOff();
}
