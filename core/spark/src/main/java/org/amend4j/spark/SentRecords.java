/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.amend4j.graph.Records;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.objective.blocks.RecordBlocks.Block;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Records that the driver has: a broadcast for each block, which whoever computes the block fetches when it first does. What is sent with
 * a step does not grow. Spark may put broadcasts on disks of driver and executors ({@code spark.local.dir}) until they are destroyed.
 */
final class SentRecords implements BlockReader {

    private static final long serialVersionUID = 1;

    private final Map<Long, Broadcast<byte[]>> blocks;

    private SentRecords(Map<Long, Broadcast<byte[]>> blocks) {
        this.blocks = blocks;
    }

    /** Some records, in their blocks. */
    static SentRecords of(JavaSparkContext context, Records records, RecordBlocks in) {
        HashMap<Long, Broadcast<byte[]>> blocks = new HashMap<>();
        for (Block block : in.blocks()) {
            blocks.put(block.number(), context.broadcast(bytes(records.only(block.ids()))));
        }
        return new SentRecords(blocks);
    }

    private static byte[] bytes(Records records) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(records.size());
            for (int k = 0; k < records.size(); k++) {
                out.writeLong(records.ids().get(k));
                out.writeLong(records.subject(k));
            }
            records.all().save(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public Records read(long block) throws IOException {
        Broadcast<byte[]> sent = blocks.get(block);
        if (sent == null) {
            throw new IOException("there is no block " + block);
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(Broadcasts.value(sent)))) {
            int size = in.readInt();
            long[] ids = new long[size];
            long[] subjects = new long[size];
            for (int k = 0; k < size; k++) {
                ids[k] = in.readLong();
                subjects[k] = in.readLong();
            }
            MultiDataSet data = new MultiDataSet();
            data.load(in);
            return Records.of(data).withIds(ids).ownedBy(subjects);
        }
    }

    /** Which blocks there are. */
    long[] numbers() {
        return blocks.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    /** Has the cluster forget them. */
    void destroy() {
        Jobs.undisturbedly(() -> blocks.values().forEach(Broadcast::destroy));
    }

    @Override
    public String toString() {
        return "SentRecords[" + blocks.size() + " blocks]";
    }
}
