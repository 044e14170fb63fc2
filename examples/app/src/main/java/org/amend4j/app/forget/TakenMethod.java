/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.Locale;
import org.amend4j.unlearn.UnlearningMethod;

/** Puts the method of a deletion into words. */
final class TakenMethod {

    private TakenMethod() {}

    /**
     * Its price and its noise.
     *
     * @param steps of the whole training
     * @param largestNorm the most that the norm of the parameters can be
     */
    static String words(UnlearningMethod method, int steps, double largestNorm) {
        String where = method.rewindsTo().isPresent()
                ? " to step " + method.rewindsTo().getAsInt()
                : "";
        String seconds = Double.isNaN(method.cost().seconds())
                ? ""
                : String.format(Locale.ROOT, ", about %.2g s", method.cost().seconds());
        String noise = method.releaseNoise()
                .map(one -> String.format(
                        Locale.ROOT,
                        "sigma %.4g, noise of norm %.4g against parameters of norm at most %.4g (%.3g %%)",
                        one.noise().sigma(),
                        one.noise().norm(),
                        largestNorm,
                        100 * one.relative()))
                .orElse("without noise");
        return method.name() + where + ": " + steps(method, steps) + seconds + ", " + noise;
    }

    /** Of steps until the gradient is small only the number is known that it usually takes. */
    private static String steps(UnlearningMethod method, int ofTraining) {
        int steps = method.cost().steps();
        boolean newton = method instanceof UnlearningMethod.Converge || steps > ofTraining;
        return newton ? "about " + steps + " Newton steps" : steps + " of " + ofTraining + " steps";
    }

    /** What cannot be undone, said before it is done. */
    static String warning(UnlearningMethod method, int latestRelease) {
        return "This cannot be undone: the checkpoints after step "
                + method.rewindsTo().orElse(0) + " and the model of release " + latestRelease + " are destroyed.";
    }
}
