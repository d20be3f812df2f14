package org.handoff.worker.pool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;

import org.handoff.monitor.api.Target;
import org.junit.jupiter.api.Test;

class ContextsTest {

    private final Fakes fakes = new Fakes();
    private final Target pool = connection -> { };
    private final Contexts contexts = new Contexts(fakes.context(), "p", pool);

    @Test
    void whatIsServedIsThePoolsAndWhatIsNotIsAnswered503() {
        contexts.update(List.of(wanted("/good", true, ""), wanted("/bad", false, "no package x")));
        assertEquals(2, fakes.services.size());
        Fakes.Service good = service("/good");
        assertSame(pool, good.object);
        assertEquals("pool p", good.properties.get(Target.NAME));
        Fakes.Service bad = service("/bad");
        assertNotSame(pool, bad.object);
        assertEquals("no package x", bad.properties.get(Target.PROBLEM));
        TestConnection connection = new TestConnection();
        ((Target) bad.object).take(connection);
        assertEquals(503, connection.answered);
    }

    @Test
    void anUpdateChangesWhatHasChangedAndNoMore() {
        contexts.update(List.of(wanted("/same", true, ""), wanted("/noted", true, ""), wanted("/gone", true, ""),
                wanted("/broken", true, "")));
        Fakes.Service same = service("/same");
        Fakes.Service noted = service("/noted");
        contexts.update(List.of(wanted("/same", true, ""), wanted("/noted", true, "the new code fails"),
                wanted("/broken", false, "x"), wanted("/new", true, "")));
        assertEquals(4, fakes.services.size());
        assertSame(same, service("/same"));
        assertSame(noted, service("/noted"), "the route is never away");
        assertEquals("the new code fails", noted.properties.get(Target.PROBLEM));
        assertNotSame(pool, service("/broken").object);
        assertSame(pool, service("/new").object);
    }

    @Test
    void aContextThatChangesItsTargetIsNeverAway() {
        contexts.update(List.of(wanted("/x", true, "")));
        contexts.update(List.of(wanted("/x", false, "broken")));
        contexts.update(List.of(new Contexts.Wanted("/x", "", "another handler", true, "")));
        assertEquals(List.of("+/x", "+/x", "-/x", "+/x", "-/x"), fakes.events);
        assertSame(pool, service("/x").object);
    }

    @Test
    void whatHasNoHandlerIsWithdrawnAndNothingIsAdded() {
        contexts.update(List.of(wanted("/stays", true, "as it was"), wanted("/gone", true, "")));
        contexts.retainHandlers(List.of(wanted("/stays", true, ""), wanted("/new", true, "")));
        assertEquals(1, fakes.services.size());
        assertEquals("as it was", service("/stays").properties.get(Target.PROBLEM));
    }

    private Fakes.Service service(String context) {
        return fakes.services.stream().filter(one -> one.properties.get(Target.CONTEXT).equals(context)).findFirst()
                .orElseThrow();
    }

    private static Contexts.Wanted wanted(String context, boolean served, String problem) {
        return new Contexts.Wanted(context, "", "a handler", served, problem);
    }
}
