package org.handoff.lrwp.cgi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The directory of the CGI programs, outside of which requests reach nothing. */
final class ProgramDirectory {

    private final Path directory;

    /** @throws IOException if there is no such directory */
    ProgramDirectory(Path directory) throws IOException {
        directory.toRealPath();
        this.directory = directory.toAbsolutePath().normalize();
    }

    Path path() {
        return directory;
    }

    /**
     * A program by its name: an executable file in the directory, or a link there to a file of the same owner, in any
     * place. Debian's packages put such links into {@code /usr/lib/cgi-bin}; the creator of a link could have put the
     * program there.
     *
     * @param name from a request, unchecked
     * @return null if there is no such program
     */
    Path program(String name) {
        // Hidden files are editors' and version control's; with them go "." and "..".
        if (name.isEmpty() || name.startsWith(".") || name.indexOf('/') >= 0) {
            return null;
        }
        try {
            Path program = directory.resolve(name);
            return Files.isRegularFile(program) && Files.isExecutable(program) && isItsOwners(program) ? program : null;
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }

    private static boolean isItsOwners(Path program) throws IOException {
        if (!Files.isSymbolicLink(program)
                || Files.getOwner(program, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(program))) {
            return true;
        }
        Log.warn(program + " is not run: the link and the program are of different owners");
        return false;
    }
}
