/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.amend4j.verify.Claims.Level;
import org.amend4j.verify.Claims.Steps;

/**
 * What a computed step may be off by, to first order and therefore never more than the exact formula: docs/privacy.md, (7), for linear
 * heads and (8) for adapters on them; {@code relative·(η·s·G + ‖θ‖)} where that is assumed.
 */
record StepError(String model, Level evidence, String summation, Map<String, Double> numbers) {

    private static final double UNIT = 0x1p-53;

    private static final String HEAD = "head";
    private static final String ADAPTED_HEAD = "adaptedHead";
    private static final String ASSUMED = "assumed";

    private static final Map<String, Set<String>> NUMBERS = Map.of(
            HEAD,
            Set.of("gradientBound", "featureRadius", "inputs", "logits"),
            ADAPTED_HEAD,
            Set.of("outputGradient", "featureRadius", "slope", "baseNorm", "inputs", "rank", "logits"),
            ASSUMED,
            Set.of("relative", "gradientBound"));

    static StepError read(Fields of) throws RejectedException {
        String model = of.word("model", NUMBERS.keySet());
        boolean analysed = isAnalysed(model);
        String summation = of.word("summation", analysed ? Set.of("NAIVE", "PAIRWISE", "COMPENSATED") : Set.of(""));
        Map<String, Double> numbers = new HashMap<>();
        Fields values = of.object("numbers");
        for (String name : NUMBERS.getOrDefault(model, Set.of())) {
            double least = name.equals("baseNorm") ? 0 : Double.MIN_VALUE;
            numbers.put(name, values.number(name, least, Double.MAX_VALUE));
        }
        values.finish();
        StepError error = new StepError(model, of.oneOf("evidence", Level.class), summation, numbers);
        of.finish();
        if (analysed && (error.number("inputs") < 1 || error.number("logits") < 1)) {
            throw new RejectedException("constants.rounding.numbers must have at least one input and one logit");
        }
        return error;
    }

    /** Whether the error was analysed; otherwise the user states it. */
    boolean isAnalysed() {
        return isAnalysed(model);
    }

    private static boolean isAnalysed(String model) {
        return !model.equals(ASSUMED);
    }

    boolean isHead() {
        return model.equals(HEAD);
    }

    /** The G that the model is about. */
    double gradientBound() {
        return model.equals(ADAPTED_HEAD)
                ? number("outputGradient") * number("featureRadius") * number("slope")
                : number("gradientBound");
    }

    double number(String name) {
        Double value = numbers.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no number " + name);
        }
        return value;
    }

    /** The error of one step of a run with parameters within a norm. */
    double ofStep(Steps step, double norm) {
        double records = Math.max(1, step.used());
        double share = step.isMean() ? 1 : records / step.normaliser();
        double g = gradientBound();
        if (model.equals(ADAPTED_HEAD)) {
            return step.stepSize() * share * adapted(records, norm) + 4 * UNIT * norm;
        }
        if (model.equals(ASSUMED)) {
            return number("relative") * (step.stepSize() * step.share((double) step.used()) * g + norm);
        }
        double x = number("featureRadius");
        double record = summed(records) * g + x * residual(UNIT * x * norm);
        return step.stepSize() * share * record + 4 * UNIT * norm;
    }

    /**
     * The error of a gradient of a sum of records over a normaliser, with weight decay, at parameters within a norm (docs/privacy.md, (9)
     * and (10)).
     *
     * @param share records over the normaliser
     */
    double ofGradient(double records, double share, double weightDecay, double norm) {
        if (model.equals(ASSUMED)) {
            return number("relative") * (share * gradientBound() + weightDecay * norm);
        }
        double pull;
        if (model.equals(ADAPTED_HEAD)) {
            pull = adapted(records, norm)
                    + number("featureRadius") * number("slope") * 4 * UNIT * number("outputGradient");
        } else {
            double x = number("featureRadius");
            pull = (summed(records) + 4 * UNIT) * gradientBound() + x * residual(UNIT * x * norm);
        }
        return share * pull + 4 * UNIT * weightDecay * norm;
    }

    private double adapted(double records, double norm) {
        double inputs = number("inputs");
        double logits = number("logits");
        double root = Math.sqrt(2 * logits);
        double slope = number("featureRadius") * number("slope");
        double fromBase = (inputs + 4 + root) * (number("featureRadius") + 1) * number("baseNorm");
        double fromAdapter = (inputs + number("rank") + 5 + root) * slope * norm;
        double residual = UNIT * ((fromBase + fromAdapter) / 2 + 8 + logits);
        return slope * ((summed(records) + (inputs + 4) * UNIT) * number("outputGradient") + residual);
    }

    private double summed(double records) {
        return switch (summation) {
            case "NAIVE" -> records * UNIT;
            case "PAIRWISE" -> Math.max(0, Math.getExponent(records - 1) + 1) * UNIT;
            default -> 2 * UNIT;
        };
    }

    private double residual(double reach) {
        double inputs = number("inputs");
        double logits = number("logits");
        return logits == 1
                ? inputs * reach / 4 + 8 * UNIT
                : (inputs + Math.sqrt(2 * logits)) * reach / 2 + (8 + logits) * UNIT;
    }
}
