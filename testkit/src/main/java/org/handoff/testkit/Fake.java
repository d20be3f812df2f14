package org.handoff.testkit;

import java.lang.reflect.Proxy;

/** Objects of an interface that is not ours, of which a test needs a few methods. */
public final class Fake {

    private Fake() {}

    /** What a fake does. */
    public interface Call {

        /** The result of a method; an exception for one that the test does not expect. */
        Object answer(String method, Object[] arguments);
    }

    /** An object of that type, which does what the call says, and is equal to itself only. */
    public static <T> T of(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "toString" -> type.getSimpleName();
                    default -> call.answer(method.getName(), arguments);
                }));
    }
}
