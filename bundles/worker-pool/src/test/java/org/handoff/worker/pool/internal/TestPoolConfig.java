package org.handoff.worker.pool.internal;

import java.lang.reflect.Proxy;
import java.util.Map;

/** A pool's configuration as the component runtime makes it: the given values, and defaults for the rest. */
final class TestPoolConfig {

    private TestPoolConfig() {
    }

    /** @param values by method name; one that is an exception is thrown, as for text where a number should be */
    static PoolConfig of(Map<String, Object> values) {
        return (PoolConfig) Proxy.newProxyInstance(PoolConfig.class.getClassLoader(), new Class<?>[] {PoolConfig.class},
                (proxy, method, arguments) -> {
                    Object value = values.getOrDefault(method.getName(), method.getDefaultValue());
                    if (value instanceof RuntimeException e) {
                        throw e;
                    }
                    return value;
                });
    }
}
