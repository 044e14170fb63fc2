/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.identity.Facts;
import org.amend4j.internal.digest.Sha256;

/**
 * A SHA-256 over data sets, example by example: features, labels and label masks with types and shapes. How the
 * examples are batched makes no difference, their order does.
 */
final class DataDigest {

    private final MessageDigest sha = Sha256.start();
    private List<Column> columns = List.of();
    private long examples;

    /** Takes in the next batch. */
    void add(Batch batch) {
        if (examples == 0) {
            columns = batch.columns();
            sha.update(Facts.text(columns).getBytes(StandardCharsets.UTF_8));
        }
        CacheFile.checkColumns(columns, batch.columns());
        List<ByteBuffer> bytes = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            bytes.add(columns.get(i).bytesOf(batch.arrays().get(i)));
        }
        for (int example = 0; example < batch.examples(); example++) {
            for (int i = 0; i < columns.size(); i++) {
                int length = Math.toIntExact(columns.get(i).bytes());
                sha.update(bytes.get(i).slice(example * length, length));
            }
        }
        examples += batch.examples();
    }

    long examples() {
        return examples;
    }

    /** The digest in hexadecimal; nothing can be added afterwards. */
    String hex() {
        return Sha256.hex(sha);
    }
}
