package org.handoff.servlet.internal.session.store;

/** Where the classes of attributes come from. */
public interface ClassSource {

    /** The name of a class's owner, which finds it again in another worker; empty for the Java platform. */
    String ownerOf(Class<?> type);

    /**
     * Loads a class.
     *
     * @param owner as {@link #ownerOf} named it
     * @throws ClassNotFoundException if the owner is not there, or has no such class
     */
    Class<?> load(String owner, String name) throws ClassNotFoundException;
}
