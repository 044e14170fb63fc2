/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Scope;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.training.RecordParts;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class SameLossTest {

    /** Of a network with other weights, as if a plan had read them wrongly. */
    @ParameterizedTest
    @EnumSource(
            value = ProductPrecision.class,
            names = {"FP32", "BF16"})
    void aPlanWhoseLossIsNotThatOfFitIsNone(ProductPrecision precision) {
        try (Machine machine = LawMachines.plain()) {
            assumeTrue(machine.frozenPrecisions().contains(precision));
            requireOwnLossOnly(machine, precision);
        }
    }

    private static void requireOwnLossOnly(Machine machine, ProductPrecision precision) {
        ComputationGraph graph = TestNetworks.dense(DataType.FLOAT, 1);
        Random random = new Random(5);
        INDArray rows = TestNetworks.normal(DataType.FLOAT, random, 6, 5);
        Records data = Records.of(new DataSet(rows, Nd4j.eye(3).repeat(0, 2)));
        RecordParts parts = RecordParts.whole(data);
        Network network = NetworkReader.training(
                ObservedGraph.of(graph, TrainingExtras.LEAVE_OUT).graph(), parts.exampleShapes(), Scope.KNOWN);
        try (PlanSession session = PlanSession.open(machine, network, Arithmetic.frozenIn(precision), 2);
                PlacedRecords records =
                        new PlacedRecords(machine, session.arithmetic().type(), data, network, 2)) {
            session.setParameters(ParameterVectors.of(graph));
            require(graph, parts, session, records);
            ComputationGraph other = TestNetworks.dense(DataType.FLOAT, 1);
            other.params().muli(-3);
            String refused = assertThrows(
                            UnsupportedNetworkException.class, () -> require(other, parts, session, records))
                    .getMessage();
            assertTrue(refused.startsWith("the loss of the first example differs by "), refused);
        }
    }

    private static void require(ComputationGraph graph, RecordParts parts, PlanSession session, PlacedRecords records) {
        SameLoss.require(graph, TrainingExtras.LEAVE_OUT, parts, session, records, Variant.VALUE);
    }
}
