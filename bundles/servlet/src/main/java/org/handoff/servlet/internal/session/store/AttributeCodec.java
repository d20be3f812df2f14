package org.handoff.servlet.internal.session.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.Proxy;
import java.util.Map;

/**
 * Attributes as bytes: a byte with the version of this form, and Java's serialization with the owner of each class
 * beside its name. Each attribute stands for itself, so that one which cannot be read leaves the others readable.
 */
public final class AttributeCodec {

    private static final int VERSION = 1;
    private static final int MOST_DEPTH = 500;
    /** An array's elements take a byte each at least; a hash table has four times as many places at most. */
    private static final int ELEMENTS_PER_BYTE = 4;

    private static final int SMALL_ARRAY = 64;

    private static final Map<String, Class<?>> PRIMITIVES = Map.of(
            "boolean", boolean.class,
            "byte", byte.class,
            "char", char.class,
            "short", short.class,
            "int", int.class,
            "long", long.class,
            "float", float.class,
            "double", double.class,
            "void", void.class);

    private final ClassSource classes;

    public AttributeCodec(ClassSource classes) {
        this.classes = classes;
    }

    /** Serializes an attribute. @throws IOException if it, or a part of it, is not serializable */
    public byte[] write(Object attribute) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(VERSION);
        try (ObjectOutputStream out = new Output(bytes)) {
            out.writeObject(attribute);
        }
        return bytes.toByteArray();
    }

    /**
     * Deserializes an attribute.
     *
     * @throws IOException if these bytes are not an attribute, or one of a class that has changed incompatibly
     * @throws ClassNotFoundException if the worker does not have a class of it
     */
    public Object read(byte[] bytes) throws IOException, ClassNotFoundException {
        if (bytes.length == 0 || bytes[0] != VERSION) {
            throw new InvalidClassException("not in the form of version " + VERSION);
        }
        try (ObjectInputStream in = new Input(bytes)) {
            return in.readObject();
        }
    }

    private final class Output extends ObjectOutputStream {

        private Output(ByteArrayOutputStream bytes) throws IOException {
            super(bytes);
        }

        @Override
        protected void annotateClass(Class<?> type) throws IOException {
            writeUTF(ownerOf(type));
        }

        @Override
        protected void annotateProxyClass(Class<?> type) throws IOException {
            for (Class<?> one : type.getInterfaces()) {
                writeUTF(ownerOf(one));
            }
        }

        private String ownerOf(Class<?> type) {
            Class<?> element = type;
            while (element.isArray()) {
                element = element.getComponentType();
            }
            return element.isPrimitive() ? "" : classes.ownerOf(element);
        }
    }

    private final class Input extends ObjectInputStream {

        private Input(byte[] bytes) throws IOException {
            super(new ByteArrayInputStream(bytes, 1, bytes.length - 1));
            // The filter of the JVM, if it has one, decides too.
            setObjectInputFilter(
                    ObjectInputFilter.merge(new Bounds(bytes.length), ObjectInputFilter.Config.getSerialFilter()));
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            return load(readUTF(), description.getName());
        }

        @Override
        protected Class<?> resolveProxyClass(String[] names) throws IOException, ClassNotFoundException {
            Class<?>[] interfaces = new Class<?>[names.length];
            for (int i = 0; i < names.length; i++) {
                interfaces[i] = load(readUTF(), names[i]);
            }
            ClassLoader loader = interfaces.length == 0 ? getClass().getClassLoader() : interfaces[0].getClassLoader();
            try {
                return Proxy.newProxyInstance(loader, interfaces, (proxy, method, arguments) -> null)
                        .getClass();
            } catch (IllegalArgumentException e) {
                throw new ClassNotFoundException("a proxy of " + String.join(", ", names), e);
            }
        }

        /** A class by its name in the stream, where an array's is like {@code [Lorg.example.Item;}. */
        private Class<?> load(String owner, String name) throws ClassNotFoundException {
            int dimensions = name.lastIndexOf('[') + 1;
            if (dimensions == 0) {
                Class<?> primitive = PRIMITIVES.get(name);
                return primitive == null ? classes.load(owner, name) : primitive;
            }
            if (!name.startsWith("L", dimensions)) {
                return Class.forName(name);
            }
            Class<?> type = classes.load(owner, name.substring(dimensions + 1, name.length() - 1));
            for (int i = 0; i < dimensions; i++) {
                type = type.arrayType();
            }
            return type;
        }
    }

    /** Refuses what would take far more memory than its bytes, or the whole stack. For one attribute. */
    private static final class Bounds implements ObjectInputFilter {

        private final long most;
        /** Of all arrays together: each may be within another one that has not come to its end. */
        private long elements;

        private Bounds(int bytes) {
            most = SMALL_ARRAY + (long) ELEMENTS_PER_BYTE * bytes;
        }

        @Override
        public Status checkInput(FilterInfo info) {
            elements += Math.max(0, info.arrayLength());
            return info.depth() > MOST_DEPTH || elements > most || info.references() > most
                    ? Status.REJECTED
                    : Status.UNDECIDED;
        }
    }
}
