package org.handoff.worker.runtime;

/** The one jar that the pool starts workers from, which the build has made before the tests. */
final class RuntimeJar {

    private static final String PROPERTY = "handoff.program.jar";

    private RuntimeJar() {}

    static String path() {
        String path = System.getProperty(PROPERTY);
        if (path == null) {
            throw new IllegalStateException("The system property " + PROPERTY
                    + " is not set: run the tests by \"mvnw verify\", which makes the jar before them");
        }
        return path;
    }
}
