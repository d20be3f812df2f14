package org.handoff.worker.runtime.bundles;

import java.util.zip.CRC32;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** Says how long a request's body is, and its checksum. */
public class Sum implements Handler {

    @Override
    public void handle(Request request, Response response) throws Exception {
        response.send(of(request.body().readAllBytes()));
    }

    /** What it says of a body. */
    public static String of(byte[] body) {
        CRC32 sum = new CRC32();
        sum.update(body);
        return body.length + " " + sum.getValue();
    }
}
