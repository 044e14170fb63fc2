/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.file.AtomicFile;

/** Writes a cache file under a temporary name; it gets its real name only when it is whole and on disk. */
final class CacheWriter implements AutoCloseable {

    private final Path temporary;
    private final FileChannel channel;
    private final long mostBytes;
    private List<Column> columns = List.of();
    private long examples;

    /**
     * @param mostBytes the largest size the file may have
     */
    CacheWriter(Path directory, long mostBytes) throws IOException {
        this.temporary = Files.createTempFile(directory, "prefix-", PrefixCache.TEMPORARY);
        this.channel = FileChannel.open(temporary, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.mostBytes = mostBytes;
    }

    /** Appends the examples of a batch. */
    void add(Batch batch) throws IOException {
        if (examples == 0) {
            columns = batch.columns();
        }
        CacheFile.checkColumns(columns, batch.columns());
        CacheFile file = CacheFile.of(columns, examples + batch.examples());
        PrefixCache.checkFits(file.fileBytes(), mostBytes);
        List<ByteBuffer> parts = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            parts.add(columns.get(i).bytesOf(batch.arrays().get(i)));
        }
        int each = Math.toIntExact(file.exampleBytes());
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(each, batch.examples()));
        for (int example = 0; example < batch.examples(); example++) {
            for (int i = 0; i < columns.size(); i++) {
                int length = Math.toIntExact(columns.get(i).bytes());
                bytes.put(parts.get(i).slice(example * length, length));
            }
        }
        CacheFile.writeFully(channel, bytes.flip(), file.headerBytes() + examples * each);
        examples += batch.examples();
    }

    /** Completes the file and gives it its name. */
    void finish(String key, Path target) throws IOException {
        CacheFile.writeFully(channel, CacheFile.of(columns, examples).header(key), 0);
        CacheFile.seal(channel);
        AtomicFile.publish(temporary, target);
    }

    /** Removes whatever was not finished. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(temporary);
    }
}
