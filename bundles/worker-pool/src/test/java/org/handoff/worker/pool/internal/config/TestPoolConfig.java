package org.handoff.worker.pool.internal.config;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** A pool's configuration as the component runtime makes it: the given values, and defaults for the rest. */
public final class TestPoolConfig {

    private TestPoolConfig() {}

    /** @param file the values by key, as text; what is no number is an exception where one should be */
    public static PoolConfig ofFile(Map<String, Object> file) {
        Map<String, Object> values = new HashMap<>();
        for (Method method : PoolConfig.class.getDeclaredMethods()) {
            Object text = file.get(method.getName().replace('_', '.'));
            if (text != null) {
                values.put(method.getName(), method.getReturnType() == int.class ? number(text) : text);
            }
        }
        return of(values);
    }

    /** @param values as for {@link #of} */
    public static PoolPolicy policy(Map<String, Object> values) {
        return PoolPolicy.of(of(values), Map.of());
    }

    private static Object number(Object text) {
        try {
            return Integer.valueOf(text.toString());
        } catch (NumberFormatException e) {
            return e;
        }
    }

    /** @param values by method name; one that is an exception is thrown, as for text where a number should be */
    public static PoolConfig of(Map<String, Object> values) {
        return (PoolConfig) Proxy.newProxyInstance(
                PoolConfig.class.getClassLoader(), new Class<?>[] {PoolConfig.class}, (proxy, method, arguments) -> {
                    Object value = values.getOrDefault(method.getName(), method.getDefaultValue());
                    if (value instanceof RuntimeException e) {
                        throw e;
                    }
                    return value;
                });
    }
}
