extension DataSet {
    /// Wager and others' emotion regulation: one contrast in 30 subjects, with how well each reappraised.
    ///
    /// Sources: names and header line of the sample data of the CanlabCore repository (branch `master`, folder
    /// `older`, before the maps became one image); the scripts of that repository read row `i` of the table with
    /// image `i`. Its licence file states the terms. Checksums are of a copy of the repository's files.
    public static let emotionRegulation = DataSet(
        name: "emotion-regulation",
        title: "Emotion regulation (Wager et al. 2008), sample data of CanlabCore",
        summary: "Maps of reappraising against looking at negative pictures in 30 subjects, with success.",
        page: "https://github.com/canlab/CanlabCore",
        licence: "Part of the CanlabCore repository, released under the GNU GPL, version 2 or later.",
        citations: [
            "Wager TD, Davidson ML, Hughes BL, Lindquist MA, Ochsner KN (2008). Prefrontal-subcortical pathways "
                + "mediating successful emotion regulation. Neuron 59:1037-1050. "
                + "https://doi.org/10.1016/j.neuron.2008.09.006"
        ],
        size: "30 maps, 10 MB",
        server: "https://raw.githubusercontent.com",
        listing: .paths,
        hosts: ["raw.githubusercontent.com"],
        folder: "wager2008_emotion_regulation",
        subjects: (1...30).map { $0 < 10 ? "0\($0)" : "\($0)" },
        contrasts: [Contrast(label: "ReappraiseVsLook", names: ["reappraise vs look"])],
        images: [
            .map: Naming(
                remote: emotionRegulationPath + "older/con_008100{subject}.img",
                local: "con_008100{subject}.img", headerSuffix: ".hdr")
        ],
        tables: [
            TableSource(
                naming: Naming(
                    remote: emotionRegulationPath + "Wager_2008_emotionreg_behavioral_data.txt",
                    local: "Wager_2008_emotionreg_behavioral_data.txt"),
                join: .order)
        ],
        checksums: emotionRegulationChecksums)

    private static let emotionRegulationPath =
        "/canlab/CanlabCore/master/CanlabCore/Sample_datasets/Wager_et_al_2008_Neuron_EmotionReg/"

    /// SHA-256 of each image in the order of subjects; all 30 headers are the same bytes.
    private static let emotionRegulationChecksums: [String: String] = {
        var sums: [String: String] = [:]
        for (offset, sum) in emotionRegulationImages.enumerated() {
            let stem = emotionRegulationPath + "older/con_008100" + (offset < 9 ? "0" : "") + "\(offset + 1)"
            sums[stem + ".img"] = sum
            sums[stem + ".hdr"] = "68d72e49c7c0ed4283234551420eb21e6ecde28d976756f828c09ea44098dd62"
        }
        return sums
    }()

    private static let emotionRegulationImages = [
        "4ed46607f647a1c9d93548d30b6edb659400a8d1cab44e53b687b5f187f9e5e9",
        "f2855a3c6dc414be011cbffe2775cf894be636301a4a3c26a660eb95dd6c48da",
        "b07522644a6ed242932d7aa9e00074020277042f7ff62c1d129a5b2eb708125f",
        "e5005797a5ae624e8056f93a7670752ba3ee69dd4501e99c1eb8b40131414be0",
        "6f5cebd158c5aa2e125cb84ca94e7500e1a47cfddbbaa26b8065a83cfc781824",
        "e2f8a7da65043097a41fe50a4abc306ea5982e2d7e00f803f2a6ad515c564943",
        "86af2ee2210299bd55dab30275371454f12a4fda7580db5a2f625c296cb2064d",
        "1e9efac47a93c31c4ffdaff0213d0f638df990c72644b85ab50fae2d20c9b0f6",
        "c33b8ec9ab5a3cb82bc82d8c6bcb8c8a1f3d5a528384dc5c16776c54e93d8c7b",
        "cf921e1a93170f6903c96e20b0d8f6e26bc5b434ff9843dc98ede1d33955110e",
        "95c2ad11329c31d0a3d04c5a6e0566ba982e6883e6f1bbc280932cfd66559127",
        "04177727742f812f02720b67aa90e2fcd1290d6d563024155523fb90d009dfbf",
        "eccc592774fe92252256456d69f6eb07a116e7a3aece2e6e49a3ee0290b1460c",
        "8d4c1f864cf7a2bbcde9e3cef8f20e8b615bbb2bdb20a5864aa78fa819529cbe",
        "a0196c4c420dbe032e465165ae5916bb34eb74d3ecfd0dfa190c8dfaacfd9cba",
        "32e4a54064a04453c9812484fda6eeb3eb872095f33cbbb3683e1b334644bb67",
        "62745e9070c62f457721eafeb062283c32d1a47edeae0911304843f21a82702a",
        "0bfd9b575353cbdfc03c0ede250d9166cd8f947d855c0c6f9f0034ba653a9741",
        "c8a531c709aac78f96e5b76ac7c70e3e6394994958f718a8824c0b17997eff63",
        "819489e05b770a97824b8a4ecc4152148f919c95185afe151287079acec55fe1",
        "e62f6446c81b0892ddce072fc6abbcba06c7a76ca8ca964fe1dbe90cf930da8e",
        "77c7c3b8f896433e10af77672ee19936827055c498b1d5fa3e2720587172a6f9",
        "c3780aa9c11cf811e6a8e58f28a9ae1548fe91a61f45b223c35d2a9749592f31",
        "58d09062d9d99968cb3bf32021012826a4312f96ad8bf4277918148e849483c3",
        "5eeafc18d5c066b47119be931cb9a24f7caaad7b815d7a401e9bfd82277a0310",
        "32894d89559b4f68f9a4f364f50b99051aaa506b4c066052d41eb60f94c73b47",
        "f66be1b3b536c1c275162127450a23599cc3e63705a2b14da132675c00d78d3a",
        "8787386dfb9a4d728b4984059cf78967eeba4c258ba87b66d137c1f531e220a2",
        "8ec997fb4bf26d83588e674e6345d5ce02550a46fffe6f5ac60d427e89ca3a01",
        "b29ede525959b8714daaaac8afab220858587bae8f8c44072cd71bba8f5af6bf",
    ]
}
