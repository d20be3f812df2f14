package org.handoff.itests.handlers.configured;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Answers the two values of its configuration. */
@Component
@Designate(ocd = Pair.Values.class)
@HandoffContext(Pair.CONTEXT)
public class Pair implements Handler {

    public static final String CONTEXT = "/configured/pair";
    /** The value that it does not start with. */
    public static final String BAD = "bad";

    private final Values values;

    /** Its configuration. */
    @ObjectClassDefinition
    public @interface Values {

        String first() default "none";

        String second() default "none";
    }

    @Activate
    public Pair(Values values) {
        if (values.first().equals(BAD)) {
            throw new IllegalStateException("no such value");
        }
        this.values = values;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(values.first() + " " + values.second());
    }
}
