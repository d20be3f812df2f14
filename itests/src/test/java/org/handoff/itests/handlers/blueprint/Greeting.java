package org.handoff.itests.handlers.blueprint;

import java.util.function.Supplier;

/** A service that a handler of another bundle refers to. */
public class Greeting implements Supplier<String> {

    @Override
    public String get() {
        return "Good day";
    }
}
