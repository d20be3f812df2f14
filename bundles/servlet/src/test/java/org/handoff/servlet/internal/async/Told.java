package org.handoff.servlet.internal.async;

import java.io.IOException;
import java.util.List;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/** Keeps what it hears of an asynchronous answer. */
class Told implements AsyncListener {

    private final List<String> events;

    /** @param events one that several threads may add to */
    Told(List<String> events) {
        this.events = events;
    }

    @Override
    public void onComplete(AsyncEvent event) {
        events.add("complete");
    }

    @Override
    public void onTimeout(AsyncEvent event) throws IOException {
        events.add("timeout");
    }

    @Override
    public void onError(AsyncEvent event) {
        events.add("error");
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        events.add("start");
    }
}
