package org.handoff.worker.pool.internal.config;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The user, group and system limits of a pool's processes. A null or empty value stands for Karaf's own.
 *
 * @param umask octal
 * @param openFiles the most descriptors of a process
 * @param core the largest core file in bytes, or {@code unlimited}
 * @param nice the scheduling priority, from -20 to 19
 * @param cpus the numbers of the permitted processors
 * @param memory bytes for all processes of the pool together; 0 for no limit
 * @param cpuMicros processor time for all processes of the pool together, in microseconds per
 *        {@link #CPU_PERIOD_MICROS}; 0 for no limit
 * @param configured the keys with their values, for messages
 */
public record RunAs(
        Account account,
        String umask,
        String openFiles,
        String core,
        OptionalInt nice,
        BitSet cpus,
        long memory,
        long cpuMicros,
        String configured) {

    /** Everything as Karaf has it. */
    public static final RunAs KARAF = new RunAs(null, "", "", "", OptionalInt.empty(), new BitSet(), 0, 0, "");

    /** The kernel's default period of {@code cpu.max}. */
    public static final long CPU_PERIOD_MICROS = 100_000;

    private static final int MOST_CPUS = 8192;
    private static final Pattern CPUS = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    static RunAs of(PoolConfig config) {
        Map<String, String> configured = new LinkedHashMap<>();
        configured.put("user", config.user());
        configured.put("group", config.group());
        configured.put("umask", config.umask());
        configured.put("limit.nofile", config.limit_nofile());
        configured.put("limit.core", config.limit_core());
        configured.put("nice", config.nice());
        configured.put("cpus", config.cpus());
        configured.put("cgroup.memory", config.cgroup_memory());
        configured.put("cgroup.cpu", config.cgroup_cpu());
        configured.replaceAll((key, value) -> value.strip());
        return new RunAs(
                Account.of(configured.get("user"), configured.get("group")),
                matching(configured, "umask", "[0-7]{3,4}", "an octal number like 027"),
                matching(configured, "limit.nofile", "[1-9]\\d{0,8}", "a number like 4096"),
                core(configured.get("limit.core")),
                nice(configured.get("nice")),
                cpus(configured.get("cpus")),
                bytes("cgroup.memory", configured.get("cgroup.memory")),
                cpuMicros(configured.get("cgroup.cpu")),
                configured.entrySet().stream()
                        .filter(one -> !one.getValue().isEmpty())
                        .map(one -> one.getKey() + " = " + one.getValue())
                        .collect(Collectors.joining(", ")));
    }

    private static String matching(Map<String, String> configured, String key, String form, String like) {
        String value = configured.get(key);
        if (!value.isEmpty() && !value.matches(form)) {
            throw notPossible(key, value, like);
        }
        return value;
    }

    private static IllegalArgumentException notPossible(String key, String value, String like) {
        return new IllegalArgumentException(
                key + " = " + value + ": not " + like + "; write one, or leave it out for what Karaf has");
    }

    private static String core(String value) {
        return value.isEmpty() || value.equals("unlimited") ? value : Long.toString(bytes("limit.core", value));
    }

    private static long bytes(String key, String value) {
        return value.isEmpty() ? 0 : PoolValues.bytes(key, value);
    }

    private static OptionalInt nice(String value) {
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        if (!value.matches("-?\\d{1,2}") || Integer.parseInt(value) < -20 || Integer.parseInt(value) > 19) {
            throw notPossible("nice", value, "a number from -20 to 19");
        }
        return OptionalInt.of(Integer.parseInt(value));
    }

    private static BitSet cpus(String value) {
        try {
            return cpuSet(value);
        } catch (IllegalArgumentException e) {
            throw notPossible("cpus", value, "a list of processors like 0,2-3");
        }
    }

    /**
     * A list of processors as the kernel writes it, such as {@code 0,2-3}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static BitSet cpuSet(String list) {
        BitSet cpus = new BitSet();
        if (list.isEmpty()) {
            return cpus;
        }
        for (String range : list.split(",", -1)) {
            Matcher matcher = CPUS.matcher(range.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(range);
            }
            int first = Integer.parseInt(matcher.group(1));
            int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
            if (last < first || last >= MOST_CPUS) {
                throw new IllegalArgumentException(range);
            }
            cpus.set(first, last + 1);
        }
        return cpus;
    }

    private static long cpuMicros(String value) {
        if (value.isEmpty() || value.equals("0")) {
            return 0;
        }
        // The kernel takes no less than a hundredth of a processor.
        if (!value.matches("\\d{1,4}(\\.\\d{1,2})?") || Double.parseDouble(value) < 0.01) {
            throw notPossible("cgroup.cpu", value, "a number of processors like 1.5, 0.01 or more");
        }
        return Math.round(Double.parseDouble(value) * CPU_PERIOD_MICROS);
    }
}
