/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Parent folders created for something new. They are removed again if it is not completed. */
public final class MadeFolders implements AutoCloseable {

    /** The deepest first. */
    private final List<Path> made;

    private boolean kept;

    private MadeFolders(List<Path> made) {
        this.made = List.copyOf(made);
    }

    /** Makes a folder and what is missing above it. */
    public static MadeFolders downTo(Path folder) throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path one = folder.toAbsolutePath();
                one != null && !Files.exists(one, LinkOption.NOFOLLOW_LINKS);
                one = one.getParent()) {
            missing.add(one);
        }
        MadeFolders folders = new MadeFolders(missing);
        try {
            Files.createDirectories(folder);
        } catch (IOException impossible) {
            folders.close();
            throw impossible;
        }
        return folders;
    }

    /** What they were made for is there. */
    public void keep() {
        kept = true;
    }

    /** Removes the made folders, unless they were kept; a folder that is no longer empty stays. */
    @Override
    public void close() {
        if (!kept) {
            made.forEach(folder -> folder.toFile().delete());
        }
    }
}
