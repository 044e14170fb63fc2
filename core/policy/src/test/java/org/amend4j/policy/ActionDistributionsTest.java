/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.function.Consumer;
import org.amend4j.environment.Space;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The laws of distributions, on the library's and on one that is not. */
class ActionDistributionsTest {

    @Nested
    class OfCategorical extends ActionDistributionLaws {

        @Override
        protected ActionDistribution distribution() {
            return new Categorical(4);
        }

        @Override
        protected Space space() {
            return new Space.Discrete(4);
        }
    }

    @Nested
    class OfBernoulli extends ActionDistributionLaws {

        @Override
        protected ActionDistribution distribution() {
            return new Bernoulli();
        }

        @Override
        protected Space space() {
            return new Space.Discrete(2);
        }
    }

    @Nested
    class OfMultiCategorical extends ActionDistributionLaws {

        @Override
        protected ActionDistribution distribution() {
            return MultiCategorical.of(3, 1, 4);
        }

        @Override
        protected Space space() {
            return Space.MultiDiscrete.of(3, 1, 4);
        }
    }

    @Nested
    class OfFixedGaussian extends ActionDistributionLaws {

        private static final Space BOX = Space.Box.symmetric(8, 20);

        @Override
        protected ActionDistribution distribution() {
            return Gaussian.fixed(0.5, 2);
        }

        @Override
        protected Space space() {
            return BOX;
        }
    }

    @Nested
    class OfTrainedGaussian extends ActionDistributionLaws {

        private static final Space BOX = Space.Box.symmetric(8, 20);

        @Override
        protected ActionDistribution distribution() {
            return Gaussian.trained(0.5, 2);
        }

        @Override
        protected Space space() {
            return BOX;
        }
    }

    /** Shares are even in u, where the density is smooth; beyond ±14 there is nothing. */
    private abstract static class OfSquashed extends ActionDistributionLaws {

        private static final Space.Box BOX = new Space.Box(new double[] {-2, 0}, new double[] {3, 0.5});

        Space.Box box() {
            return BOX;
        }

        @Override
        protected Space space() {
            return box();
        }

        @Override
        protected double coordinate(int number, double share) {
            double low = box().low()[number];
            return low + (box().high()[number] - low) / (1 + Math.exp(28 - 56 * share));
        }

        @Override
        protected boolean modeIsMostLikely() {
            return false;
        }
    }

    @Nested
    class OfFixedSquashedGaussian extends OfSquashed {

        @Override
        protected ActionDistribution distribution() {
            return SquashedGaussian.fixed(box(), 1.5, 0.5);
        }
    }

    @Nested
    class OfTrainedSquashedGaussian extends OfSquashed {

        private static final Space.Box BOX = Space.Box.symmetric(4);

        @Override
        Space.Box box() {
            return BOX;
        }

        @Override
        protected ActionDistribution distribution() {
            return SquashedGaussian.of(box());
        }
    }

    @Nested
    class OfOnesOwn extends ActionDistributionLaws {

        private static final Space BOX = Space.Box.symmetric(30);

        @Override
        protected ActionDistribution distribution() {
            return new Logistic(0.5);
        }

        @Override
        protected Space space() {
            return BOX;
        }
    }

    /** A categorical distribution of three with one method that does something else afterwards. */
    private static ActionDistributionLaws broken(String method, Consumer<Object[]> harm) {
        ActionDistribution right = new Categorical(3);
        ActionDistribution wrong = (ActionDistribution) Proxy.newProxyInstance(
                ActionDistribution.class.getClassLoader(),
                new Class<?>[] {ActionDistribution.class},
                (proxy, called, arguments) -> {
                    Object result = invoke(called, right, arguments);
                    if (called.getName().equals(method)) {
                        harm.accept(arguments);
                        return result instanceof Double number ? Double.valueOf(number + 0.01) : result;
                    }
                    return result;
                });
        return new ActionDistributionLaws() {
            @Override
            protected ActionDistribution distribution() {
                return wrong;
            }

            @Override
            protected Space space() {
                return new Space.Discrete(3);
            }
        };
    }

    private static Object invoke(Method called, Object target, Object[] arguments) throws Throwable {
        try {
            return called.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }

    private static void refuses(Consumer<ActionDistributionLaws> law, String method, Consumer<Object[]> harm) {
        law.accept(broken("none", nothing -> {}));
        assertThrows(AssertionError.class, () -> law.accept(broken(method, harm)), method);
    }

    /** Every law fails on a distribution that breaks it, and holds for the same one unbroken. */
    @Test
    void lawsNoticeWhatIsBroken() {
        int[] draws = {0};
        refuses(
                ActionDistributionLaws::scoreIsTheNumericalGradientOfTheLogProbability,
                "addScore",
                a -> ((Derivatives) a[6]).addByOutput((int) a[2], 1e-6));
        refuses(
                ActionDistributionLaws::entropyGradientIsTheNumericalGradientOfTheEntropy,
                "addEntropyGradient",
                a -> ((Derivatives) a[4]).ofOutputs()[0] = 0);
        refuses(
                ActionDistributionLaws::probabilitiesSumToOneAndTheirMeanLogarithmIsTheEntropy,
                "logProbability",
                a -> {});
        refuses(ActionDistributionLaws::probabilitiesSumToOneAndTheirMeanLogarithmIsTheEntropy, "entropy", a -> {});
        refuses(ActionDistributionLaws::samplesFollowTheirProbabilitiesAndNoOthers, "sample", a -> {
            if (draws[0]++ % 20 == 0) {
                ((double[]) a[4])[0] = 0;
            }
        });
        refuses(ActionDistributionLaws::modeIsTheMostLikelyAction, "mode", a -> {
            double[] actions = (double[]) a[3];
            actions[0] = (actions[0] + 1) % 3;
        });
        refuses(
                ActionDistributionLaws::whatIsMaskedHasNoProbabilityAndNoDerivative,
                "maskInPlace",
                a -> Arrays.fill((double[]) a[0], 0));
        refuses(
                ActionDistributionLaws::whatIsDrawnDependsOnTheGeneratorAlone,
                "sample",
                a -> ((double[]) a[4])[0] = draws[0]++ % 3);
    }
}
