/// Colours sampled at equal steps from 0 to 1, six hexadecimal digits each.
///
/// `inferno`, `magma`, `plasma` and `viridis` are every fifth of the 256 colours of the tables by Nathaniel J.
/// Smith, Stefan van der Walt and (viridis) Eric Firing, released under CC0
/// (https://bids.github.io/colormap); straight lines between them stay within 2/255 of the full tables.
/// `redBlue` is the eleven-colour RdBu scheme, reversed: color specifications and designs developed by Cynthia
/// Brewer (https://colorbrewer.org), Apache License 2.0.
enum ColorTables {
    static let inferno =
        "00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e"
        + "71196e781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337"
        + "e45a31e9612bed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156"
        + "f2ea69f2f27df5f992fcffa4"

    static let magma =
        "00000402020b0504160907200e0b2b140e361a104221114e29115a311165390f6e420f754a107952137c5a167e621980"
        + "6a1c81721f81792282812581892881912b81992d80a1307eaa337db2357bba3878c23b75ca3e72d2426fd9466be04c67"
        + "e75263ec5860f1605df4695cf7725cf97b5dfb8560fc8e64fd9869fea16efeaa74feb47bfebd82fec68afecf92fed89a"
        + "fde2a3fdebacfcf4b6fcfdbf"

    static let plasma =
        "0d08871b068d2605912f059638049a41049d4903a05102a35901a56100a76900a87100a87801a88004a88707a68e0ca4"
        + "9511a19c179ea21d9aa82296ae2892b42e8dba3388bf3984c43e7fc9447acd4a76d24f71d6556dda5b69de6164e26660"
        + "e66c5ce97257ed7953f07f4ff3854bf58c46f79342f99a3efba139fca835fdaf31feb72dfebe2afdc627fcce25fbd724"
        + "f8df25f6e826f3f027f0f921"

    static let viridis =
        "44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d"
        + "33638d31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa83"
        + "28ae802eb37c35b7793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11f"
        + "d8e219e5e419f1e51dfde725"

    static let redBlue =
        "0530612166ac4393c392c5ded1e5f0f7f7f7fddbc7f4a582d6604db2182b67001f"
}
