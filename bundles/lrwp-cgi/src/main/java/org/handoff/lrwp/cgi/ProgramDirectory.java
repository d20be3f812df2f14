package org.handoff.lrwp.cgi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The directory of the CGI programs, which is all that requests can reach. */
final class ProgramDirectory {

    private final Path directory;
    private final Path real;

    /** @throws IOException if there is no such directory */
    ProgramDirectory(Path directory) throws IOException {
        this.directory = directory.toAbsolutePath().normalize();
        this.real = directory.toRealPath();
    }

    Path path() {
        return directory;
    }

    /**
     * A program by its name: an executable file that lies in the directory itself, also where it is reached by a link.
     *
     * @param name from a request: anything
     * @return null if there is no such program
     */
    Path program(String name) {
        // Hidden files are editors' and version control's; with them go "." and "..".
        if (name.isEmpty() || name.startsWith(".") || name.indexOf('/') >= 0) {
            return null;
        }
        try {
            Path program = directory.resolve(name);
            boolean inside = program.toRealPath().getParent().equals(real);
            return inside && Files.isRegularFile(program) && Files.isExecutable(program) ? program : null;
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }
}
