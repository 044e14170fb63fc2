/* SPDX-License-Identifier: Apache-2.0 */
/** What a computation runs on, as users name it: the backend, types of numbers, what factors of products are rounded to. */
@NullMarked
package org.amend4j.backend;

import org.jspecify.annotations.NullMarked;
