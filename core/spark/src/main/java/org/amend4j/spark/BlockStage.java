/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.Folders;

/**
 * A hidden folder within a folder of blocks, where executors write the blocks of a table before all of them get their names together.
 * Until then, whatever fails, the folder is as it was. It is another one for every import, so that a task of an earlier one that still
 * runs somewhere cannot touch what a later one has written.
 */
final class BlockStage implements Closeable {

    private static final String PREFIX = ".import-";

    private final BlockFolder target;
    private final Path staged;
    private final boolean isNew;

    private BlockStage(BlockFolder target, Path staged, boolean isNew) {
        this.target = target;
        this.staged = staged;
        this.isNew = isNew;
    }

    /** Begins; what killed imports left behind is removed. */
    static BlockStage of(BlockFolder target) throws IOException {
        Path folder = Path.of(target.folder());
        boolean isNew = Files.notExists(folder);
        Files.createDirectories(folder);
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path leftover : entries.filter(
                            entry -> entry.getFileName().toString().startsWith(PREFIX))
                    .toList()) {
                Folders.delete(leftover);
            }
        }
        return new BlockStage(target, Files.createDirectory(folder.resolve(PREFIX + UUID.randomUUID())), isNew);
    }

    /** Where executors write. */
    BlockFolder folder() {
        return BlockFolder.at(staged);
    }

    /**
     * Gives blocks their names, and removes the files of all others.
     *
     * @param blocks all that the table has
     * @throws IOException if this process does not see what executors wrote (nothing is changed then), or a disk fails (the folder is
     *     marked as unfinished)
     */
    BlockChanges publish(List<StagedBlock> blocks) throws IOException {
        List<Long> written = blocks.stream()
                .filter(StagedBlock::changed)
                .map(StagedBlock::number)
                .sorted()
                .toList();
        for (long block : written) {
            if (Files.notExists(folder().file(block))) {
                throw new IOException("executors and driver must see the same folder, got no block " + block + " in "
                        + target.folder() + " after an executor wrote it");
            }
        }
        TreeSet<Long> removed = Arrays.stream(target.found()).boxed().collect(Collectors.toCollection(TreeSet::new));
        blocks.forEach(block -> removed.remove(block.number()));
        if (!written.isEmpty() || !removed.isEmpty() || Files.exists(target.unfinished())) {
            change(written, removed);
        }
        long records = blocks.stream().mapToLong(StagedBlock::records).sum();
        return new BlockChanges(records, written, blocks.size() - written.size(), new ArrayList<>(removed));
    }

    private void change(Iterable<Long> written, Iterable<Long> removed) throws IOException {
        Path folder = Path.of(target.folder());
        if (Files.notExists(target.unfinished())) {
            Files.createFile(target.unfinished());
        }
        AtomicFile.forceDirectory(folder);
        for (long block : written) {
            Files.move(
                    folder().file(block),
                    target.file(block),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
        for (long block : removed) {
            Files.delete(target.file(block));
        }
        AtomicFile.forceDirectory(folder);
        Files.delete(target.unfinished());
        AtomicFile.forceDirectory(folder);
    }

    /** Removes what has no name yet, and the folder itself if it was made for this and has no blocks. */
    @Override
    public void close() throws IOException {
        Folders.delete(staged);
        Path folder = Path.of(target.folder());
        if (isNew && isEmpty(folder)) {
            Files.delete(folder);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }
}
