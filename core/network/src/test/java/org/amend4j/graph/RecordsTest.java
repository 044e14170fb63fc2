/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.RandomGraph;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

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
}
