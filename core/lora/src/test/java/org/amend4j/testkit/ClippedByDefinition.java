/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.objective.ForwardingObjective;
import org.amend4j.objective.RecordIds;

/** The mean of clipped gradients as it is defined: Deeplearning4j's layers have a pass for every record or subject. */
public final class ClippedByDefinition extends ForwardingObjective {

    private final GraphObjective plain;
    private final Records data;
    private final Clipping clipping;

    private ClippedByDefinition(GraphObjective plain, Records data, Clipping clipping) {
        super(plain);
        this.plain = plain;
        this.data = data;
        this.clipping = clipping;
    }

    /** The clipped one of an objective with these records. */
    public static ClippedByDefinition of(GraphObjective plain, Records data, Clipping clipping) {
        return new ClippedByDefinition(plain, data, clipping);
    }

    @Override
    public ClippedByDefinition restrictedTo(RecordIds subset) {
        return new ClippedByDefinition(plain.restrictedTo(subset), data, clipping);
    }

    private List<RecordIds> units() {
        if (clipping.unit() == Clipping.Unit.RECORD) {
            return records().stream().mapToObj(RecordIds::of).toList();
        }
        return records().stream()
                .boxed()
                .collect(Collectors.groupingBy(
                        id -> data.subject(data.ids().indexOf(id)), TreeMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(ids -> RecordIds.of(ids.stream().mapToLong(id -> id).toArray()))
                .toList();
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        double[] sum = new double[theta.length];
        double[] share = new double[theta.length];
        for (RecordIds unit : units()) {
            plain.restrictedTo(unit).withNormaliser(1).withWeightDecay(0).valueAndGradient(theta, share);
            double weight = Math.min(1, clipping.bound() / Agreement.norm(share));
            Arrays.setAll(sum, k -> sum[k] + weight * share[k]);
        }
        double n = fixedNormaliser().orElse(records().size());
        Arrays.setAll(gradient, k -> sum[k] / n + weightDecay() * theta[k]);
        return value(theta);
    }

    @Override
    public String fingerprint() {
        return plain.fingerprint();
    }

    @Override
    public String settingsFingerprint() {
        return plain.settingsFingerprint();
    }
}
