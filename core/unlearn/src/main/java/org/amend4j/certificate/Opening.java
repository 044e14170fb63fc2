/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.json.Jcs;
import org.amend4j.objective.RecordIds;

/**
 * What an operator gives to an auditor, and to no one else, to check the {@link Commitment}s of one certificate. It reveals which records
 * were deleted. Canonical JSON, docs/certificate.md.
 *
 * @param certificate SHA-256 of the certificate's file
 * @param checkpoint the parameters that were rewound to
 * @param deleted all records ever deleted
 * @param retained all retained records
 */
public record Opening(String certificate, OpenedHash checkpoint, OpenedIds deleted, OpenedIds retained) {

    /**
     * A hash and the key of its commitment.
     *
     * @param key 64 hexadecimal digits
     * @param sha256 64 hexadecimal digits
     */
    public record OpenedHash(String key, String sha256) {}

    /**
     * Ids and the key of their commitment.
     *
     * @param key 64 hexadecimal digits
     * @param ids 16 hexadecimal digits each, ascending
     */
    public record OpenedIds(String key, String ids) {}

    /**
     * Of what a certificate commits to.
     *
     * @param certificate SHA-256 of its file
     * @param salt of its commitments
     * @param checkpointHash of the parameters that were rewound to
     */
    public static Opening of(
            String certificate, byte[] salt, String checkpointHash, RecordIds deleted, RecordIds retained) {
        return new Opening(
                certificate,
                new OpenedHash(key(salt, Commitment.CHECKPOINT), checkpointHash),
                new OpenedIds(key(salt, Commitment.DELETED), hex(deleted)),
                new OpenedIds(key(salt, Commitment.RETAINED), hex(retained)));
    }

    private static String key(byte[] salt, String name) {
        return HexFormat.of().formatHex(Commitment.key(salt, name));
    }

    private static String hex(RecordIds ids) {
        return HexFormat.of().formatHex(ids.bytes());
    }

    /** Writes it, complete or not at all, for its owner alone: it says which records were deleted. */
    public void write(Path file) throws IOException {
        try (AtomicFile target = AtomicFile.createPrivate(file)) {
            target.stream().write((Jcs.text(this) + "\n").getBytes(StandardCharsets.UTF_8));
            target.commit();
        }
    }
}
