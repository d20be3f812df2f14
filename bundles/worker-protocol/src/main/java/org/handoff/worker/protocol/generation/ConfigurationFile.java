package org.handoff.worker.protocol.generation;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One configuration of Configuration Admin as a file, from the pool to its workers: docs/worker-protocol.md, "The
 * generation file". Equal properties make equal bytes.
 */
public final class ConfigurationFile {

    private static final int SCALAR = 0;
    private static final int ARRAY = 1;
    private static final int PRIMITIVE_ARRAY = 2;
    private static final int COLLECTION = 3;

    /** The types of values that Configuration Admin has; each has its position as its number in the file. */
    private enum Type {
        STRING(String.class, String.class, text -> text),
        INTEGER(Integer.class, int.class, Integer::valueOf),
        LONG(Long.class, long.class, Long::valueOf),
        FLOAT(Float.class, float.class, Float::valueOf),
        DOUBLE(Double.class, double.class, Double::valueOf),
        BYTE(Byte.class, byte.class, Byte::valueOf),
        SHORT(Short.class, short.class, Short::valueOf),
        CHARACTER(Character.class, char.class, text -> text.charAt(0)),
        BOOLEAN(Boolean.class, boolean.class, Boolean::valueOf);

        private final Class<?> boxed;
        private final Class<?> primitive;
        private final Function<String, Object> parse;

        Type(Class<?> boxed, Class<?> primitive, Function<String, Object> parse) {
            this.boxed = boxed;
            this.primitive = primitive;
            this.parse = parse;
        }

        /** @throws IllegalArgumentException if Configuration Admin has no values of that type */
        static Type of(Class<?> type) {
            return Arrays.stream(values())
                    .filter(one -> one.boxed == type || one.primitive == type)
                    .findAny()
                    .orElseThrow(() -> new IllegalArgumentException("no configuration has values of " + type));
        }
    }

    private ConfigurationFile() {}

    /**
     * The bytes of a configuration.
     *
     * @throws IllegalArgumentException if a value has a type that Configuration Admin does not have
     */
    public static byte[] bytes(Map<String, ?> properties) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(properties.size());
            for (Map.Entry<String, ?> property : new TreeMap<>(properties).entrySet()) {
                writeText(out, property.getKey());
                write(out, property.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes every byte", e);
        }
        return bytes.toByteArray();
    }

    /** Reads a file. @throws IOException if it cannot be read, or is no configuration */
    public static SortedMap<String, Object> read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
            SortedMap<String, Object> properties = new TreeMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                properties.put(readText(in), read(in));
            }
            return properties;
        } catch (RuntimeException e) {
            throw new IOException(file + " is no configuration: " + e, e);
        }
    }

    private static void write(DataOutputStream out, Object value) throws IOException {
        if (value instanceof Collection<?> several) {
            out.writeByte(COLLECTION);
            out.writeInt(several.size());
            for (Object one : several) {
                write(out, one);
            }
        } else if (value.getClass().isArray()) {
            Class<?> of = value.getClass().getComponentType();
            out.writeByte(of.isPrimitive() ? PRIMITIVE_ARRAY : ARRAY);
            out.writeByte(Type.of(of).ordinal());
            out.writeInt(Array.getLength(value));
            for (int i = 0; i < Array.getLength(value); i++) {
                writeText(out, Array.get(value, i).toString());
            }
        } else {
            out.writeByte(SCALAR);
            out.writeByte(Type.of(value.getClass()).ordinal());
            writeText(out, value.toString());
        }
    }

    private static Object read(DataInputStream in) throws IOException {
        int shape = in.readByte();
        if (shape == COLLECTION) {
            List<Object> several = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                several.add(read(in));
            }
            return several;
        }
        Type type = Type.values()[in.readByte()];
        if (shape == SCALAR) {
            return type.parse.apply(readText(in));
        }
        int length = in.readInt();
        Object array = Array.newInstance(shape == PRIMITIVE_ARRAY ? type.primitive : type.boxed, length);
        for (int i = 0; i < length; i++) {
            Array.set(array, i, type.parse.apply(readText(in)));
        }
        return array;
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
