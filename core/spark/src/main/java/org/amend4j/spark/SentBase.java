/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.amend4j.model.BaseModel;
import org.jspecify.annotations.Nullable;

/** A base that executors open: from a path, or from bytes that came along. */
final class SentBase implements Serializable {

    private static final long serialVersionUID = 1;

    /** An executor works for one job or two at a time. */
    private static final int MOST = 2;

    /** The bases that this process opened last, by fingerprint: whatever is sent next may rest on the same. */
    private static final Map<String, BaseModel> OPEN = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, BaseModel> eldest) {
            return size() > MOST;
        }
    };

    private final String fingerprint;
    private final @Nullable String path;
    private final byte @Nullable [] bytes;
    /** Stays open for as long as this does, since graphs look it up when they are built. */
    private transient @Nullable BaseModel here;

    private SentBase(String fingerprint, @Nullable String path, byte @Nullable [] bytes) {
        this.fingerprint = fingerprint;
        this.path = path;
        this.bytes = bytes;
    }

    static SentBase at(String fingerprint, Path file) {
        return new SentBase(fingerprint, file.toString(), null);
    }

    static SentBase of(String fingerprint, byte[] bytes) {
        return new SentBase(fingerprint, null, bytes);
    }

    /** Opens the base unless this process already did. Two tasks must not read it at the same time. */
    BaseModel open() throws IOException {
        synchronized (OPEN) {
            BaseModel open = here == null ? OPEN.get(fingerprint) : here;
            if (open == null) {
                open = read();
            }
            OPEN.put(fingerprint, open);
            here = open;
            return open;
        }
    }

    private BaseModel read() throws IOException {
        if (path != null) {
            return checked(BaseModel.open(Path.of(path)), path);
        }
        Path file = Files.createTempFile("amend4j-base", ".zip");
        try {
            Files.write(file, Objects.requireNonNull(bytes));
            return checked(BaseModel.open(file), "the driver");
        } finally {
            Files.delete(file);
        }
    }

    private BaseModel checked(BaseModel base, String origin) {
        String found = base.fingerprint().hex();
        if (!found.equals(fingerprint)) {
            throw new IllegalArgumentException(
                    "executors must have the base sha256:" + fingerprint + ", got sha256:" + found + " from " + origin);
        }
        return base;
    }
}
