/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.amend4j.internal.file.Folders;
import org.amend4j.internal.model.GraphBytes;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyFile;
import org.amend4j.policy.SavedPolicy;
import org.jspecify.annotations.Nullable;

/**
 * A policy on its way to executors: the files that {@link PolicyFile} writes (for an adapted network, only its adapters) and the place of
 * its base. Of known kinds only; for distributions and encoders of one's own, a {@link PolicySource} of one's own.
 */
public final class SentPolicy implements PolicySource {

    private static final long serialVersionUID = 1;

    private final Map<String, byte[]> files;
    private final @Nullable SentBase base;

    private SentPolicy(Map<String, byte[]> files, @Nullable SentBase base) {
        this.files = files;
        this.base = base;
    }

    /** A policy with a graph of its own, or with an adapter and its base: the base is sent once to every executor. */
    public static SentPolicy of(SavedPolicy saved) throws IOException {
        if (saved.network() instanceof SavedPolicy.Adapted adapted) {
            BaseModel base = adapted.model().base();
            return new SentPolicy(files(saved), SentBase.of(base.fingerprint().hex(), GraphBytes.of(base.network())));
        }
        return new SentPolicy(files(saved), null);
    }

    /**
     * A policy with an adapter as its network; every executor reads the base from a file.
     *
     * @param baseFile a path that means the same on every executor
     * @throws IllegalArgumentException if the policy rests on no base
     */
    public static SentPolicy of(SavedPolicy saved, Path baseFile) throws IOException {
        if (!(saved.network() instanceof SavedPolicy.Adapted adapted)) {
            throw new IllegalArgumentException("a policy with a base must be an adapter, got a graph of its own");
        }
        return new SentPolicy(
                files(saved), SentBase.at(adapted.model().base().fingerprint().hex(), baseFile.toAbsolutePath()));
    }

    private static Map<String, byte[]> files(SavedPolicy saved) throws IOException {
        Path folder = Files.createTempDirectory("amend4j-policy");
        try {
            PolicyFile.write(folder, saved);
            LinkedHashMap<String, byte[]> files = new LinkedHashMap<>();
            try (Stream<Path> paths = Files.walk(folder)) {
                for (Path path : paths.filter(Files::isRegularFile).toList()) {
                    files.put(folder.relativize(path).toString(), Files.readAllBytes(path));
                }
            }
            return files;
        } finally {
            Folders.delete(folder);
        }
    }

    @Override
    public Policy open() throws IOException {
        Path folder = Files.createTempDirectory("amend4j-policy");
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Path path = folder.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
            }
            return (base == null ? PolicyFile.read(folder) : PolicyFile.read(folder, base.open())).policy();
        } finally {
            Folders.delete(folder);
        }
    }
}
