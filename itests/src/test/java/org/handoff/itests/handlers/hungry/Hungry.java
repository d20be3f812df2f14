package org.handoff.itests.handlers.hungry;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Pool;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Takes all memory on the heap, or more than there is beside it; or says which process it is. */
@Component
@HandoffContext("/hungry")
@Pool("hungry")
public class Hungry implements Handler {

    private static final int MIB = 1 << 20;

    @Override
    public void handle(Request request, Response response) {
        switch (request.query()) {
            case "heap" -> {
                List<byte[]> taken = new ArrayList<>();
                while (true) {
                    taken.add(new byte[MIB]);
                }
            }
            case "direct" ->
                response.send(ByteBuffer.allocateDirect(Integer.MAX_VALUE).toString());
            default -> response.send("process " + ProcessHandle.current().pid());
        }
    }
}
