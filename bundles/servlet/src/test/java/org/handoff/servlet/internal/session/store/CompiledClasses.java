package org.handoff.servlet.internal.session.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.tools.ToolProvider;

/** Classes made of sources, each owner a class loader: what a worker's bundles are. */
public final class CompiledClasses implements ClassSource {

    private final Map<String, ClassLoader> owners = new HashMap<>();

    /** Compiles a class of an owner. */
    CompiledClasses with(String owner, Path folder, String name, String source) throws IOException {
        Path file = Files.writeString(Files.createDirectories(folder).resolve(name + ".java"), source);
        if (ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", folder.toString(), "-Xlint:-serial", file.toString())
                != 0) {
            throw new IOException("does not compile: " + source);
        }
        owners.put(owner, new URLClassLoader(new URL[] {folder.toUri().toURL()}));
        return this;
    }

    Object make(String owner, String name) throws ReflectiveOperationException {
        return owners.get(owner).loadClass(name).getConstructor().newInstance();
    }

    @Override
    public String ownerOf(Class<?> type) {
        return owners.entrySet().stream()
                .filter(one -> one.getValue() == type.getClassLoader())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("");
    }

    @Override
    public Class<?> load(String owner, String name) throws ClassNotFoundException {
        if (owner.isEmpty()) {
            return Class.forName(name);
        }
        if (!owners.containsKey(owner)) {
            throw new ClassNotFoundException(name);
        }
        return owners.get(owner).loadClass(name);
    }

    void close() {
        owners.values().forEach(loader -> {
            try {
                ((URLClassLoader) loader).close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
