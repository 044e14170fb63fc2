/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

/**
 * The facts about one adapter at θ, {@code W + s·A·B}, that step rules use.
 *
 * @param scaling s
 * @param factorNorm v, {@code √(‖A‖₂² + ‖B‖₂²)} with spectral norms, or anything above it
 * @param gradientNorm {@code √(‖∂J/∂A‖_F² + ‖∂J/∂B‖_F²)}
 * @param weightGradientNorm n, {@code ‖∂ℓ/∂W‖_F} or anything above it; NaN if it was not asked for
 */
public record AdapterState(double scaling, double factorNorm, double gradientNorm, double weightGradientNorm) {}
