package org.amend4j.service;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.file.AtomicFile;

/** Whole folders. */
final class Folders {

    private Folders() {}

    /** Deletes a folder and what is in it, if it exists. */
    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            for (Path path : deepestFirst(folder)) {
                Files.delete(path);
            }
        }
    }

    /** Deletes everything in a folder but one of its files. */
    static void deleteAllBut(Path folder, String kept) throws IOException {
        for (Path path : deepestFirst(folder)) {
            if (!path.equals(folder) && !path.equals(folder.resolve(kept))) {
                Files.delete(path);
            }
        }
        AtomicFile.forceDirectory(folder);
    }

    /** Brings a folder's files and names to the disk. */
    static void force(Path folder) throws IOException {
        for (Path path : deepestFirst(folder)) {
            if (Files.isDirectory(path)) {
                AtomicFile.forceDirectory(path);
            } else {
                try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    file.force(true);
                }
            }
        }
    }

    private static List<Path> deepestFirst(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
