/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.estimator.Knowledge;
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
        facts.put("ofWholeReturn", report.ofWholeReturn());
        facts.put("words", report.words());
        if (!report.reason().isEmpty()) {
            facts.put("reason", report.reason());
        }
        facts.put("assumptions", report.assumptions());
        facts.put("errorRate", report.error());
        facts.put("epsilon", report.epsilon());
        facts.put("chi", report.chi());
        facts.put("tolerance", report.tolerance());
        facts.put("scale", report.standing().scale());
        putIfFinite(facts, "entropyShare", report.standing().entropyShare());
        putIfFinite(facts, "gap", report.standing().gap());
        facts.put("gradientSquared", of(report.gradientSquared()));
        facts.put("gradientTest", report.gradientTest().name());
        facts.put("curvature", of(report.curvature()));
        facts.put("largestEigenvalue", report.largestEigenvalue());
        facts.put("residual", report.residual());
        facts.put("upperEstimate", report.upperEstimate());
        facts.put("noiseAlongDirection", of(report.noise()));
        facts.put("noNoise", report.noNoise());
        facts.put("deadParameters", report.deadParameters());
        facts.put(
                "deadComponents",
                report.deadComponents().stream().map(SecondOrderFacts::of).toList());
        facts.put("horizon", report.cutOff().steps());
        facts.put("gamma", report.cutOff().gamma());
        facts.put("cutOff", report.cutOff().sentence());
        facts.put("biasBoundsKnown", report.cutOff().constants().equals(Knowledge.KNOWN.name()));
        putIfFinite(facts, "biasBoundA", report.cutOff().boundA());
        putIfFinite(facts, "biasBoundB", report.cutOff().boundB());
        putIfFinite(facts, "biasBoundC", report.cutOff().boundC());
        facts.put("trajectories", report.trajectories());
        facts.put("environmentSteps", report.environmentSteps());
        facts.put("seed", report.seed());
        facts.put("lanczosSteps", report.lanczosSteps());
        facts.put("converged", report.converged());
        facts.put("gradientStep", report.gradientStep());
        facts.put("precision", report.precision());
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
