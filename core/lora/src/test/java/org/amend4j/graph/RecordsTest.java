/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.LongStream;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.RandomGraph;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

class RecordsTest {

    private final RandomGraph random = RandomGraph.of(4);
    private final MultiDataSet data = random.data();
    private final Records records = Records.of(data);

    private double loss(Records of, RecordIds subset) {
        GraphObjective objective = GraphObjective.of(random.graph(), of).restrictedTo(subset);
        return objective.value(objective.parameters());
    }

    @Test
    void an_id_names_the_same_record_whatever_the_ids_are() {
        long[] ids = new long[records.size()];
        for (int k = 0; k < ids.length; k++) {
            ids[k] = 100 + 7L * k;
        }
        Records renamed = records.withIds(ids);
        for (int k = 0; k < ids.length; k++) {
            assertEquals(loss(records, RecordIds.of(k)), loss(renamed, RecordIds.of(ids[k])), "record " + k);
        }
    }

    @Test
    void the_records_of_subjects_are_exactly_theirs() {
        long[] subjects = new long[records.size()];
        for (int k = 0; k < subjects.length; k++) {
            subjects[k] = k % 3 == 0 ? 9 : -k;
        }
        Records owned = records.ownedBy(subjects);
        long[] expected =
                records.ids().stream().filter(id -> id % 3 == 0 || id == 1).toArray();
        assertArrayEquals(expected, owned.ownedByAnyOf(9, -1, 12345).stream().toArray());
    }

    @Test
    void an_iterators_batches_are_read_in_order() {
        DataSet whole = new DataSet(data.getFeatures(0), data.getLabels(0));
        MultiDataSetIterator batches = new MultiDataSetIteratorAdapter(new ListDataSetIterator<>(whole.asList(), 2));
        Records read = Records.read(batches);
        assertEquals(records.ids(), read.ids());
        for (int k = 0; k < records.size(); k++) {
            assertEquals(loss(records, RecordIds.of(k)), loss(read, RecordIds.of(k)), "record " + k);
        }
    }

    @Test
    void everyRunOfEveryRunOfRecordsIsThatRun() {
        int n = 9;
        Records numbered = Records.of(new DataSet(
                Nd4j.arange(2 * n).castTo(DataType.DOUBLE).reshape('c', n, 2),
                Nd4j.arange(n).castTo(DataType.DOUBLE).reshape('c', n, 1)));
        for (int from = 0; from < n; from++) {
            for (int to = from + 1; to <= n; to++) {
                Records some = numbered.only(run(from, to));
                for (int begin = from; begin < to; begin++) {
                    for (int end = begin + 1; end <= to; end++) {
                        Records fewer = some.only(run(begin, end));
                        assertArrayEquals(
                                LongStream.range(2L * begin, 2L * end)
                                        .asDoubleStream()
                                        .toArray(),
                                fewer.all().getFeatures(0).ravel().toDoubleVector());
                        assertArrayEquals(
                                LongStream.range(begin, end).asDoubleStream().toArray(),
                                fewer.all().getLabels(0).ravel().toDoubleVector());
                    }
                }
            }
        }
    }

    private static RecordIds run(int from, int to) {
        return RecordIds.of(LongStream.range(from, to).toArray());
    }
}
