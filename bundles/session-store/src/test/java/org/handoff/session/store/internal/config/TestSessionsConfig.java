package org.handoff.session.store.internal.config;

import java.lang.reflect.Proxy;
import java.util.Map;

/** A configuration of the store with some values, and the defaults. */
public final class TestSessionsConfig {

    private TestSessionsConfig() {}

    public static SessionsConfig of(Map<String, Object> values) {
        return (SessionsConfig) Proxy.newProxyInstance(
                TestSessionsConfig.class.getClassLoader(),
                new Class<?>[] {SessionsConfig.class},
                (proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getDefaultValue()));
    }
}
