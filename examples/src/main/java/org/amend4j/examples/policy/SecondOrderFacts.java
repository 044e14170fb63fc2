package org.amend4j.examples.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.saddle.Measured;
import org.amend4j.saddle.SecondOrderReport;

/** A second-order report as facts for JSON. */
final class SecondOrderFacts {

    private SecondOrderFacts() {}

    static Map<String, Object> of(SecondOrderReport report) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("exact", report.exact());
        facts.put("verdict", report.verdict().name());
        facts.put("words", report.words());
        facts.put("epsilon", report.epsilon());
        facts.put("chi", report.chi());
        facts.put("tolerance", report.tolerance());
        facts.put("gradientSquared", of(report.gradientSquared()));
        facts.put("gradientTest", report.gradientTest().name());
        facts.put("curvature", of(report.curvature()));
        facts.put("largestEigenvalue", report.largestEigenvalue());
        facts.put("residual", report.residual());
        facts.put("upperEstimate", report.upperEstimate());
        facts.put("noiseAlongDirection", of(report.noise()));
        facts.put("noNoise", report.noNoise());
        facts.put("horizon", report.cutOff().steps());
        facts.put("gamma", report.cutOff().gamma());
        facts.put("cutOff", report.cutOff().sentence());
        facts.put("trajectories", report.trajectories());
        facts.put("environmentSteps", report.environmentSteps());
        facts.put("seed", report.seed());
        facts.put("lanczosSteps", report.lanczosSteps());
        facts.put("converged", report.converged());
        facts.put("gradientStep", report.gradientStep());
        facts.put("precision", report.precision());
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
