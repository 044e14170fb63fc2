/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.prefix.CacheFullException;
import org.amend4j.prefix.Prefix;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * A directory of prefix activations, computed once per (base, cut, data, origin) and used across epochs and processes.
 *
 * <p>A file's key covers the base's fingerprint, the cut vertices, the type, the data and the {@linkplain Prefix#origin
 * origin} of the activations; its checksum covers every byte. A file whose checksum is wrong is recomputed. Files are
 * written under a temporary name, forced to disk and renamed, so that several processes may share a directory. When the
 * budget is exceeded, the least recently used files are deleted first. Thread-safe.
 */
public final class PrefixCache {

    static final String EXTENSION = ".prefix";
    static final String TEMPORARY = ".tmp";

    private static final Logger LOG = LogManager.getLogger(PrefixCache.class);
    private static final Duration STALE = Duration.ofDays(1);

    private final Path directory;
    private final long maxBytes;
    private final long memoryBytes;

    private PrefixCache(Path directory, long maxBytes, long memoryBytes) {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.memoryBytes = memoryBytes;
    }

    /**
     * The cache in a directory, which is created when it is needed. Data is held in memory if it takes at most a quarter
     * of the Java heap.
     *
     * @param maxBytes the largest total size of the cache's files, at least 1
     */
    public static PrefixCache at(Path directory, long maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes must be >= 1, got " + maxBytes);
        }
        return new PrefixCache(directory, maxBytes, Runtime.getRuntime().maxMemory() / 4);
    }

    /**
     * The same cache with another limit on what one data set may take in memory; larger ones are read from the file.
     *
     * @param bytes at least 0
     */
    public PrefixCache withMemory(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("memory bytes must be >= 0, got " + bytes);
        }
        return new PrefixCache(directory, maxBytes, bytes);
    }

    /**
     * The activations of the data at the prefix's outputs, from the cache if it has them.
     *
     * <p>The data is walked once for its digest and, if activations must be computed, once more; an iterator that
     * cannot be reset is walked once, and then everything is computed.
     *
     * @param prefix what computes them
     * @param baseFingerprint the base model's SHA-256 in hexadecimal: the caller's word for what the prefix was made
     *     from
     * @param data examples whose features are the prefix's inputs; the order matters, the batch size does not
     * @param progress told the number of examples whose activations have been computed; not called on a hit
     * @throws IllegalArgumentException if the data is empty, has feature masks, batches of different shapes or features
     *     that are not finite
     * @throws CacheFullException if the data alone needs more than the budget
     * @throws UncheckedIOException if the directory cannot be read or written
     */
    public CachedData compute(Prefix prefix, String baseFingerprint, MultiDataSetIterator data, LongConsumer progress) {
        if (!baseFingerprint.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "base fingerprint must be 64 hexadecimal digits, got '" + baseFingerprint + "'");
        }
        try {
            Files.createDirectories(directory);
            if (data.resetSupported()) {
                data.reset();
                String key = key(prefix, baseFingerprint, digest(data));
                Optional<CachedData> hit = open(key, false);
                if (hit.isPresent()) {
                    return hit.get();
                }
                data.reset();
            }
            return fill(prefix, baseFingerprint, data, progress);
        } catch (IOException e) {
            throw new UncheckedIOException("prefix cache in " + directory + " failed", e);
        }
    }

    /** Refuses a file that alone exceeds the budget. */
    static void checkFits(long bytes, long most) {
        if (bytes > most) {
            throw new CacheFullException("the prefix cache may hold " + most + " bytes, but this data needs at least "
                    + bytes + ": raise the budget or cut where activations are smaller");
        }
    }

    private CachedData fill(Prefix prefix, String baseFingerprint, MultiDataSetIterator data, LongConsumer progress)
            throws IOException {
        DataDigest digest = new DataDigest();
        String key;
        try (CacheWriter writer = new CacheWriter(directory, maxBytes)) {
            while (data.hasNext()) {
                MultiDataSet next = data.next();
                digest.add(Batch.of(next, digest.examples()));
                INDArray[] activations = prefix.run(next.getFeatures());
                writer.add(Batch.with(activations, next));
                progress.accept(digest.examples());
            }
            checkNotEmpty(digest.examples());
            key = key(prefix, baseFingerprint, digest.hex());
            writer.finish(key, file(key));
        }
        evict(key);
        return open(key, true)
                .orElseThrow(() -> new IOException("the file just written is not as it was written: " + file(key)));
    }

    private static String digest(MultiDataSetIterator data) {
        DataDigest digest = new DataDigest();
        while (data.hasNext()) {
            digest.add(Batch.of(data.next(), digest.examples()));
        }
        checkNotEmpty(digest.examples());
        return digest.hex();
    }

    private static void checkNotEmpty(long examples) {
        if (examples == 0) {
            throw new IllegalArgumentException("the data must hold at least one example, got none");
        }
    }

    private static String key(Prefix prefix, String baseFingerprint, String dataDigest) {
        MessageDigest sha = Sha256.start();
        List<String> parts = Stream.concat(
                        Stream.of(
                                "amend4j prefix " + prefix.origin() + "." + CacheFile.VERSION,
                                baseFingerprint,
                                prefix.dataType().name(),
                                dataDigest),
                        prefix.outputs().stream())
                .toList();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            sha.update(bytes);
        }
        return Sha256.hex(sha);
    }

    private Path file(String key) {
        return directory.resolve(key + EXTENSION);
    }

    /** Opens a file that checks, and marks it as used just now. */
    private Optional<CachedData> open(String key, boolean computed) throws IOException {
        Path path = file(key);
        FileChannel channel;
        try {
            channel = CacheFile.open(path);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            Optional<CacheFile> file = CacheFile.verify(channel, key);
            if (file.isEmpty()) {
                channel.close();
                LOG.warn("cached activations in {} are damaged and will be computed again", path);
                return Optional.empty();
            }
            touch(path);
            return Optional.of(CachedData.open(file.get(), channel, memoryBytes, computed));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void touch(Path path) throws IOException {
        try {
            Files.setLastModifiedTime(path, FileTime.from(Instant.now()));
        } catch (NoSuchFileException e) {
            LOG.debug("{} was evicted by another process while it was opened", path);
        }
    }

    /** Deletes the files least recently used until the budget holds, and abandoned temporary files. */
    private synchronized void evict(String keep) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.toList();
        }
        for (Path path : files) {
            boolean stale = modified(path).isBefore(Instant.now().minus(STALE));
            if (path.toString().endsWith(TEMPORARY) && stale) {
                Files.deleteIfExists(path);
            }
        }
        List<Path> byAge = files.stream()
                .filter(path -> path.toString().endsWith(EXTENSION))
                .sorted(Comparator.comparing(PrefixCache::modified))
                .toList();
        long total = byAge.stream().mapToLong(PrefixCache::size).sum();
        for (Path path : byAge) {
            if (total > maxBytes && !path.equals(file(keep))) {
                total -= size(path);
                Files.deleteIfExists(path);
            }
        }
    }

    private static Instant modified(Path path) {
        try {
            return Files.getLastModifiedTime(path).toInstant();
        } catch (IOException e) {
            return Instant.EPOCH;
        }
    }

    private static long size(Path path) {
        try {
            return Files.size(path);
        } catch (IOException e) {
            return 0;
        }
    }
}
