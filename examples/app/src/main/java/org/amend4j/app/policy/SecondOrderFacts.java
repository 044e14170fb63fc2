/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.estimator.BoundAssurance;
import org.amend4j.secondorder.DeadComponent;
import org.amend4j.secondorder.Measured;
import org.amend4j.secondorder.SecondOrderReport;

/** A second-order report as facts for JSON. */
final class SecondOrderFacts {

    private SecondOrderFacts() {}

    static Map<String, Object> of(SecondOrderReport report) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("exact", report.exact());
        facts.put("verdict", report.verdict().name());
        facts.put("ofWholeReturn", report.statement().ofWholeReturn());
        facts.put("words", report.statement().words());
        if (!report.statement().reason().isEmpty()) {
            facts.put("reason", report.statement().reason());
        }
        facts.put("assumptions", report.statement().assumptions());
        facts.put("errorRate", report.statement().error());
        facts.put("epsilon", report.criterion().epsilon());
        facts.put("chi", report.criterion().chi());
        facts.put("tolerance", report.criterion().tolerance());
        facts.put("scale", report.context().scale());
        putIfFinite(facts, "entropyShare", report.context().entropyShare());
        putIfFinite(facts, "gap", report.context().gap());
        facts.put("gradientSquared", of(report.gradient().squared()));
        facts.put("gradientTest", report.gradient().test().name());
        facts.put("curvature", of(report.curvature().along()));
        facts.put("largestEigenvalue", report.curvature().largestEigenvalue());
        facts.put("residual", report.curvature().residual());
        facts.put("upperEstimate", report.curvature().upperEstimate());
        facts.put("noiseAlongDirection", of(report.noise().along()));
        facts.put("noNoise", report.noise().negligible());
        facts.put("deadParameters", report.dead().parameters());
        facts.put(
                "deadComponents",
                report.dead().components().stream().map(SecondOrderFacts::of).toList());
        facts.put("horizon", report.criterion().cutOff().steps());
        facts.put("gamma", report.criterion().cutOff().gamma());
        facts.put("cutOff", report.criterion().cutOff().sentence());
        facts.put("biasBoundsKnown", report.criterion().cutOff().constants().equals(BoundAssurance.KNOWN.name()));
        putIfFinite(facts, "biasBoundA", report.criterion().cutOff().boundA());
        putIfFinite(facts, "biasBoundB", report.criterion().cutOff().boundB());
        putIfFinite(facts, "biasBoundC", report.criterion().cutOff().boundC());
        facts.put("trajectories", report.computation().sampling().trajectories());
        facts.put("environmentSteps", report.computation().sampling().environmentSteps());
        facts.put("seed", report.computation().sampling().seed());
        facts.put("lanczosSteps", report.computation().search().steps());
        facts.put("converged", report.computation().search().converged());
        facts.put("gradientStep", report.computation().gradientStep());
        facts.put("precision", report.computation().precision());
        return facts;
    }

    /** What is infinite is not known. */
    private static void putIfFinite(Map<String, Object> facts, String name, double number) {
        if (Double.isFinite(number)) {
            facts.put(name, number);
        }
    }

    private static Map<String, Object> of(DeadComponent dead) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("layer", dead.layer());
        facts.put("component", dead.component());
        facts.put("rank", dead.rank());
        facts.put("parameters", dead.parameters());
        facts.put("permanent", dead.permanent());
        return facts;
    }

    private static Map<String, Object> of(Measured measured) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("value", measured.value());
        facts.put("standardError", measured.standardError());
        facts.put("low", measured.low());
        facts.put("high", measured.high());
        return facts;
    }
}
