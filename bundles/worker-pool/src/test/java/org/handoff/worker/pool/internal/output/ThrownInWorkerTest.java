package org.handoff.worker.pool.internal.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import org.handoff.worker.protocol.log.Thrown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker's exception in Karaf. */
class ThrownInWorkerTest {

    private static String printed(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void isPrintedAsTheOriginal() {
        IllegalStateException thrown;
        try {
            CompletableFuture.supplyAsync(() -> Integer.parseInt("none")).join();
            throw new AssertionError();
        } catch (CompletionException e) {
            thrown = new IllegalStateException("shop", e);
            thrown.addSuppressed(new RuntimeException("beside", new RuntimeException("of it")));
        }
        assertEquals(printed(thrown), printed(ThrownInWorker.of(Thrown.of(thrown))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java.base/java.lang.Thread.run(Thread.java:840)",
                "app//org.example.Shop.sell(Shop.java:12)",
                "loader/module@1.2/org.example.Shop.sell(Shop.java:12)",
                "org.example.Shop$$Lambda/0x00007f.run(Unknown Source)",
                "org.example.Shop.<init>(Native Method)",
                "Shop.sell(Shop.java)"
            })
    void frameStaysAsItIs(String text) {
        assertEquals(text, ThrownInWorker.frame(text).toString());
    }

    @Test
    void frameOfAnotherLanguageBeginsWithItsText() {
        assertEquals(
                "shop.py, line 12, in sell.(Unknown Source)",
                ThrownInWorker.frame("shop.py, line 12, in sell").toString());
    }
}
