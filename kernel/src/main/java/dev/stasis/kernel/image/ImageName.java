// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.image.ImageType;

/**
 * A file name of CRIU's format, taken apart.
 *
 * @param type the image
 * @param id the number in the name, unsigned; {@link #NONE} if the name has none
 */
record ImageName(ImageType<?> type, long id) {
    /** No number in the name. Never a real number: names hold at most 63 bits. */
    static final long NONE = -1;

    private static final String SUFFIX = ".img";

    /** Takes {@code fileName} apart; null if it is no image of CRIU's format with messages in it. */
    static ImageName parse(String fileName) {
        if (!fileName.endsWith(SUFFIX)) {
            ImageType<?> service = CriuImages.single(fileName);
            return service != null && CriuImages.isService(service) ? new ImageName(service, NONE) : null;
        }
        String stem = fileName.substring(0, fileName.length() - SUFFIX.length());
        ImageType<?> single = CriuImages.single(stem);
        if (single != null) {
            return CriuImages.isService(single) ? null : new ImageName(single, NONE);
        }
        int dash = stem.lastIndexOf('-');
        ImageType<?> numbered = dash < 0 ? null : CriuImages.numbered(stem.substring(0, dash));
        if (numbered == null) {
            return null;
        }
        long id = number(stem.substring(dash + 1), CriuImages.hasHexId(numbered) ? 16 : 10);
        return id < 0 ? null : new ImageName(numbered, id);
    }

    private static long number(String digits, int radix) {
        if (digits.isEmpty() || digits.length() > 19) {
            return NONE;
        }
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            // Long.parseLong also takes signs and digits of other scripts, which no writer makes.
            if (!(c >= '0' && c <= '9') && !(radix == 16 && c >= 'a' && c <= 'f')) {
                return NONE;
            }
        }
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException e) {
            return NONE;
        }
    }
}
